# A stock QuickFIX initiator (Debian: libquickfix-dev), built only where the library is there. Debian
# ships no FIX44.xml with it: a system-wide one is taken if somebody installed it, else our own.
find_path(QUICKFIX_INCLUDE quickfix/SocketInitiator.h)
find_library(QUICKFIX_LIBRARY quickfix)
find_file(QUICKFIX_DICTIONARY FIX44.xml
          PATHS /usr/share/quickfix /usr/local/share/quickfix NO_DEFAULT_PATH)
if(NOT QUICKFIX_DICTIONARY)
    set(QUICKFIX_DICTIONARY ${PROJECT_SOURCE_DIR}/dictionaries/FIX44.xml)
endif()

if(QUICKFIX_INCLUDE AND QUICKFIX_LIBRARY)
    add_executable(quickfix_client ${CMAKE_CURRENT_LIST_DIR}/quickfix_client.cpp)
    # Its headers use exception specifications, which C++17 dropped.
    set_target_properties(quickfix_client PROPERTIES CXX_STANDARD 14)
    target_compile_options(quickfix_client PRIVATE -Wno-deprecated)
    target_compile_definitions(quickfix_client PRIVATE HAVE_SSL=1)  # its headers hide SSLSocketInitiator else
    target_include_directories(quickfix_client SYSTEM PRIVATE ${QUICKFIX_INCLUDE})
    target_link_libraries(quickfix_client PRIVATE ${QUICKFIX_LIBRARY} OpenSSL::SSL Threads::Threads)
    find_package(Python3 COMPONENTS Interpreter)
    if(Python3_FOUND)
        add_test(NAME quickfix_client_self
                 COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/test_quickfix_client.py
                         $<TARGET_FILE:quickfix_client> ${QUICKFIX_DICTIONARY})
        set_tests_properties(quickfix_client_self PROPERTIES TIMEOUT 120)
    endif()
endif()
