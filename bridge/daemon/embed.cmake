# Makes a C file of a text file: cmake -DFROM=page.html -DTO=page.c -P embed.cmake
file(READ ${FROM} BYTES HEX)
file(SIZE ${FROM} SIZE)
string(REGEX REPLACE "(................................)" "\\1\n" BYTES "${BYTES}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," BYTES "${BYTES}")
file(WRITE ${TO} "#include <stddef.h>

extern const char admin_page[];
extern const size_t admin_page_size;

const char admin_page[] = { ${BYTES} 0 };
const size_t admin_page_size = ${SIZE};
")
