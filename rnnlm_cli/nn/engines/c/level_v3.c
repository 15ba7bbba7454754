#define LEVEL v3
#include "level.h"
