# Makes a C file of a text file: cmake -DFROM=page.html -DTO=page.c [-DNAME=admin_page] -P embed.cmake
# The text ends with a NUL that is not counted.
if(NOT DEFINED NAME)
    set(NAME admin_page)
endif()
file(READ ${FROM} BYTES HEX)
file(SIZE ${FROM} SIZE)
string(REGEX REPLACE "(................................)" "\\1\n" BYTES "${BYTES}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," BYTES "${BYTES}")
file(WRITE ${TO} "#include <stddef.h>

extern const char ${NAME}[];
extern const size_t ${NAME}_size;

const char ${NAME}[] = { ${BYTES} 0 };
const size_t ${NAME}_size = ${SIZE};
")
