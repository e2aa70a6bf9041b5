#!/bin/sh
# Prints -race where the race detector can be linked: it needs a C compiler and
# the C library's headers.
printf '#include <stdlib.h>\nint main(void) { return 0; }\n' |
	gcc -x c -o /dev/null - 2>/dev/null && echo -race
exit 0
