#define LEVEL v4
#include "update_level.h"
