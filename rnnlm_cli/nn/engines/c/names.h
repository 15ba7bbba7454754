/* The names of a level's functions end in it: lstm_forward_v3 and so on. The compiler is told the
   level by its flags (setup.py), never by a pragma, which clang ignores. */

#define JOIN(name, level) name##_##level
#define NAMED(name, level) JOIN(name, level)
#define FUNCTION(name) NAMED(name, LEVEL)
