# The release executable is fully static, so that one file runs as the agent inside any Linux container.
#
# Debian's libpq.a needs libpgcommon.a and libpgport.a (package postgresql-server-dev-15, which drags a whole clang in:
# tools/install_packages takes only the two archives from it, into build/postgresql), and it and libssh.a want Kerberos
# and LDAP, which have no static library: src/cli/static_stubs.c answers "not available" for them.
option(BERTH_STATIC "Link the berth executable statically" OFF)

if(BERTH_STATIC)
    set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
    set(OPENSSL_USE_STATIC_LIBS ON)
    set(Protobuf_USE_STATIC_LIBS ON)
    set(Boost_USE_STATIC_LIBS ON)
    add_compile_options(-ffunction-sections -fdata-sections)
endif()

# Called once, after the packages are found: completes what the archives need.
function(berth_complete_static_libraries)
    if(NOT BERTH_STATIC)
        return()
    endif()
    add_library(berth_static_stubs STATIC ${CMAKE_SOURCE_DIR}/src/cli/static_stubs.c)
    file(GLOB postgres_folders /usr/lib/postgresql/*/lib)
    list(SORT postgres_folders COMPARE NATURAL ORDER DESCENDING)
    foreach(library pgcommon pgport)
        find_library(BERTH_${library} ${library} REQUIRED NO_DEFAULT_PATH
            PATHS ${postgres_folders} ${CMAKE_SOURCE_DIR}/build/postgresql)
    endforeach()
    target_link_libraries(PkgConfig::LIBPQ INTERFACE
        ${BERTH_pgcommon} ${BERTH_pgport} berth_static_stubs OpenSSL::SSL)
    target_link_libraries(PkgConfig::LIBSSH INTERFACE berth_static_stubs OpenSSL::Crypto ZLIB::ZLIB)
    foreach(library nettle acl lzma zstd lz4 bz2)
        find_library(BERTH_${library} ${library} REQUIRED)
        target_link_libraries(PkgConfig::LIBARCHIVE INTERFACE ${BERTH_${library}})
    endforeach()
    target_link_libraries(PkgConfig::LIBARCHIVE INTERFACE ZLIB::ZLIB)
endfunction()

# berth_executable(<name> <sources>... DEPENDS <module or library>...)
# With BERTH_STATIC the program is static and stripped; its debug information stands beside it in <name>.debug, where
# gdb finds it. The agent is downloaded by every workspace, so bytes count.
function(berth_executable name)
    cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
    add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
    target_link_libraries(${name} PRIVATE berth_options ${ARG_DEPENDS})
    target_precompile_headers(${name} REUSE_FROM berth_pch)
    if(NOT BERTH_STATIC)
        return()
    endif()
    # bfd warns that getaddrinfo and getpwnam may load libraries at run time. glibc has "files" and "dns"
    # built in; other name services are not needed.
    target_link_options(${name} PRIVATE -static -Wl,--gc-sections)
    add_custom_command(TARGET ${name} POST_BUILD
        COMMAND ${CMAKE_OBJCOPY} --only-keep-debug $<TARGET_FILE:${name}> $<TARGET_FILE:${name}>.debug
        COMMAND ${CMAKE_OBJCOPY} --strip-all --add-gnu-debuglink=$<TARGET_FILE:${name}>.debug $<TARGET_FILE:${name}>
        VERBATIM)
endfunction()
