#define LEVEL v3
#include "update_level.h"
