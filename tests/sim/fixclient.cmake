# fixclient and its own test. Deliberately not linked to fix: see fixclient.h.
find_path(EDITLINE_INCLUDE editline/readline.h REQUIRED)
find_library(EDITLINE_LIBRARY edit REQUIRED)
file(GLOB FIXCLIENT_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/fixclient*.c)
add_executable(fixclient ${FIXCLIENT_SOURCES})
target_include_directories(fixclient SYSTEM PRIVATE ${EDITLINE_INCLUDE})
target_link_libraries(fixclient PRIVATE warnings EXPAT::EXPAT OpenSSL::SSL OpenSSL::Crypto ${EDITLINE_LIBRARY})
if(Python3_FOUND)
    add_test(NAME fixclient_self
             COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/test_fixclient.py
                     $<TARGET_FILE:fixclient> ${PROJECT_SOURCE_DIR}/dictionaries/FIX44.xml)
    set_tests_properties(fixclient_self PROPERTIES TIMEOUT 180)
    add_test(NAME fixclient_tty
             COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/test_fixclient_tty.py
                     $<TARGET_FILE:fixclient> ${PROJECT_SOURCE_DIR}/dictionaries/FIX44.xml)
    set_tests_properties(fixclient_tty PROPERTIES TIMEOUT 180)
endif()
