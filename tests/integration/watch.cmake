# What an operator watches and does by HTTP; the pages (and the simulator's) in the system's Chromium, skipped where there is none.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
foreach(NAME watch admin_api page sim_page)
    add_test(NAME integration_${NAME}
             COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_${NAME}.py ${PROJECT_BINARY_DIR})
    set_tests_properties(integration_${NAME} PROPERTIES TIMEOUT 280)
endforeach()
# Both may install the browser's driver.
set_tests_properties(integration_page integration_sim_page PROPERTIES RESOURCE_LOCK page_driver)
