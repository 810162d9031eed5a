# The service with points to die at (crash_points.c): the same objects, only linked another way.
set(CRASH_POINTS pwrite fdatasync fsync posix_fallocate ftruncate openat renameat unlinkat send recv
    curl_easy_send curl_easy_recv journal_append journal_commit journal_seal)
if(NOT FIXBRIDGE_PRESET STREQUAL "release")
    list(APPEND CRASH_POINTS malloc calloc realloc)     # a release build's malloc is replaced (crash_memory.c)
endif()
list(TRANSFORM CRASH_POINTS PREPEND "-Wl,--wrap=" OUTPUT_VARIABLE CRASH_WRAPS)
add_executable(fixbridge_crash ${PROJECT_SOURCE_DIR}/bridge/daemon/main.c crash_points.c
    crash_memory.c)
target_compile_definitions(fixbridge_crash PRIVATE FIXBRIDGE_VERSION="${PROJECT_VERSION}")
target_include_directories(fixbridge_crash PRIVATE ${EV_INCLUDE})
target_link_libraries(fixbridge_crash PRIVATE warnings daemon CURL::libcurl)
target_link_options(fixbridge_crash PRIVATE ${CRASH_WRAPS})
set_target_properties(fixbridge_crash PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
