#define LEVEL aarch64
#include "level.h"
