/* Ends the process with SIGKILL at the n-th call that writes in a directory.
 *
 * kill_resume.py builds and preloads it. KILL_IN names the directory (a part of a path),
 * KILL_AT is n, counted from 1; 0 kills nothing. The number of calls is written to the file KILL_COUNT
 * at the end. The call at which the process is killed is not executed, except that the first half of
 * a write is: so lines are torn.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static long calls;

static int in_directory(const char *path) {
    const char *part = getenv("KILL_IN");
    return part && path && strstr(path, part) != NULL;
}

static int is_there(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return in_directory(path);
}

static int is_due(void) {
    const char *at = getenv("KILL_AT");
    return __sync_add_and_fetch(&calls, 1) == (at ? atol(at) : 0);
}

static void end(void) { kill(getpid(), SIGKILL); for (;;) pause(); }

ssize_t write(int file, const void *data, size_t size) {
    if (is_there(file) && is_due()) {
        syscall(SYS_write, file, data, size / 2);
        end();
    }
    return syscall(SYS_write, file, data, size);
}

#define CALL(type, name, parameters, there, ...)            \
    type name parameters {                                  \
        if ((there) && is_due()) end();                     \
        return (type)syscall(__VA_ARGS__);                  \
    }

CALL(ssize_t, writev, (int f, const struct iovec *v, int n), is_there(f), SYS_writev, f, v, n)
CALL(ssize_t, pwrite, (int f, const void *d, size_t n, off_t o), is_there(f), SYS_pwrite64, f, d, n, o)
CALL(ssize_t, pwrite64, (int f, const void *d, size_t n, off_t o), is_there(f), SYS_pwrite64, f, d, n, o)
CALL(int, ftruncate, (int f, off_t n), is_there(f), SYS_ftruncate, f, n)
CALL(int, ftruncate64, (int f, off_t n), is_there(f), SYS_ftruncate, f, n)
CALL(int, fsync, (int f), is_there(f), SYS_fsync, f)
CALL(int, fdatasync, (int f), is_there(f), SYS_fdatasync, f)
CALL(int, rename, (const char *a, const char *b), in_directory(b), SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 0)
CALL(int, renameat, (int d, const char *a, int e, const char *b), in_directory(b), SYS_renameat2, d, a, e, b, 0)
CALL(int, link, (const char *a, const char *b), in_directory(b), SYS_linkat, AT_FDCWD, a, AT_FDCWD, b, 0)
CALL(int, linkat, (int d, const char *a, int e, const char *b, int f), in_directory(b), SYS_linkat, d, a, e, b, f)
CALL(int, unlink, (const char *p), in_directory(p), SYS_unlinkat, AT_FDCWD, p, 0)
CALL(int, unlinkat, (int d, const char *p, int f), in_directory(p), SYS_unlinkat, d, p, f)
CALL(int, mkdir, (const char *p, mode_t m), in_directory(p), SYS_mkdirat, AT_FDCWD, p, m)

#define OPEN(name, first, directory, ...)                                          \
    int name first {                                                               \
        va_list rest;                                                              \
        va_start(rest, flags);                                                     \
        int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0;                        \
        va_end(rest);                                                              \
        if (flags & (O_CREAT | O_TRUNC) && in_directory(path) && is_due()) end();  \
        return syscall(SYS_openat, directory, path, flags, mode);                  \
    }

OPEN(open, (const char *path, int flags, ...), AT_FDCWD)
OPEN(open64, (const char *path, int flags, ...), AT_FDCWD)
OPEN(openat, (int at, const char *path, int flags, ...), at)
OPEN(openat64, (int at, const char *path, int flags, ...), at)

__attribute__((destructor)) static void count(void) {
    const char *path = calls ? getenv("KILL_COUNT") : NULL; /* not of a helper that wrote nothing */
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) {
        fprintf(file, "%ld\n", calls);
        fclose(file);
    }
}
