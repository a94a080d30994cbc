# One module = one folder = one library, with its tests beside the code.

# g++ 12 takes Asio's allocator of coroutine frames for a mismatch as soon as it inlines one half of it.
add_library(berth_options INTERFACE)
target_compile_options(berth_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Werror -Wnon-virtual-dtor -Wno-missing-field-initializers
    $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>>)
# Optimizing and sanitizing, g++ 12 sees overflows and uninitialized values in inlined standard code that cannot happen.
# What these warnings really find, the sanitizers find too.
if(CMAKE_CXX_FLAGS MATCHES "-O2|-fsanitize")
    target_compile_options(berth_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-array-bounds -Wno-maybe-uninitialized
        -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread>)
endif()
target_include_directories(berth_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_definitions(berth_options INTERFACE
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
    BOOST_ASIO_HAS_CO_AWAIT FMT_HEADER_ONLY)
# Boost.JSON is in the precompiled header, which is valid only where the same macros are defined.
target_link_libraries(berth_options INTERFACE Threads::Threads Boost::json Boost::url)

file(WRITE ${CMAKE_BINARY_DIR}/pch_anchor.cpp "\n")
add_library(berth_pch OBJECT ${CMAKE_BINARY_DIR}/pch_anchor.cpp)
target_link_libraries(berth_pch PUBLIC berth_options)
target_precompile_headers(berth_pch PRIVATE ${CMAKE_SOURCE_DIR}/src/pch.h)

# What tests share besides: the test library, compiled for speed of compiling.
add_library(berth_test_options INTERFACE)
target_link_libraries(berth_test_options INTERFACE berth_options GTest::gmock)
if(CMAKE_CXX_FLAGS MATCHES "-O2")
    # Tests need not be fast, but are a third of the code to compile.
    target_compile_options(berth_test_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-O1>)
endif()
add_library(berth_test_pch OBJECT ${CMAKE_BINARY_DIR}/pch_anchor.cpp)
target_link_libraries(berth_test_pch PUBLIC berth_test_options)
target_precompile_headers(berth_test_pch PRIVATE ${CMAKE_SOURCE_DIR}/src/pch.h <gmock/gmock.h> <gtest/gtest.h>)

# Some files of a module become one compilation: they share most headers and templates, and a clean build takes two
# thirds of the time. So names in anonymous namespaces are unique in a module, except in the files of SEPARATE.
option(BERTH_UNITY "Compile several files of a module at once" OFF)
set(BERTH_UNITY_FILES 5)

function(berth_unity target separate)
    if(NOT BERTH_UNITY)
        return()
    endif()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${BERTH_UNITY_FILES})
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
    if(separate)
        set_source_files_properties(${separate} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
endfunction()

# berth_module(<name> [FOLDERS sub...] [EXCLUDE file...] [SEPARATE file...] DEPENDS <module or library>...)
# Compiles *.cpp of this folder (and the named sub-folders; "**" for all below) into berth_<name>, and
# *_test.cpp into <name>_test. EXCLUDE names files that belong elsewhere. Files named *_testing.{h,cpp} are helpers shared by tests.
function(berth_module name)
    cmake_parse_arguments(ARG "" "" "FOLDERS;EXCLUDE;SEPARATE;DEPENDS;TEST_DEPENDS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    foreach(folder ${ARG_FOLDERS})
        if(folder STREQUAL "**")
            file(GLOB_RECURSE more CONFIGURE_DEPENDS */*.cpp)
        else()
            file(GLOB more CONFIGURE_DEPENDS ${folder}/*.cpp)
        endif()
        list(APPEND sources ${more})
    endforeach()
    list(REMOVE_DUPLICATES sources)
    foreach(file ${ARG_EXCLUDE})
        list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    endforeach()
    set(tests ${sources})
    list(FILTER tests INCLUDE REGEX "(_test|_testing)\\.cpp$")
    list(FILTER sources EXCLUDE REGEX "(_test|_testing)\\.cpp$")

    add_library(berth_${name} STATIC ${sources})
    target_link_libraries(berth_${name} PUBLIC berth_options ${ARG_DEPENDS})
    target_precompile_headers(berth_${name} REUSE_FROM berth_pch)
    berth_unity(berth_${name} "${ARG_SEPARATE}")

    if(tests)
        add_executable(${name}_test ${tests})
        target_link_libraries(${name}_test PRIVATE berth_test_options berth_${name} ${ARG_TEST_DEPENDS} GTest::gtest_main)
        target_precompile_headers(${name}_test REUSE_FROM berth_test_pch)
        berth_unity(${name}_test "${ARG_SEPARATE}")
        if(BERTH_STATIC)
            # As in the program: libarchive.a names XML symbols in functions that nobody calls.
            target_link_options(${name}_test PRIVATE -Wl,--gc-sections)
        endif()
        add_test(NAME ${name} COMMAND ${name}_test)
        set_property(GLOBAL APPEND PROPERTY BERTH_UNIT_TESTS ${name}_test)
    endif()
endfunction()
