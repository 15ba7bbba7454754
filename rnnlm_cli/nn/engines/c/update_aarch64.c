#define LEVEL aarch64
#include "update_level.h"
