# SPDX-License-Identifier: Apache-2.0
#
# The library as others get it: static and shared, with headers, a CMake package and a pkg-config
# file. `cmake --install build/PRESET --component library --prefix DIR` puts it all below DIR.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
# Debian's lib/x86_64-linux-gnu is for packages of the distribution.
set(CMAKE_INSTALL_LIBDIR lib)

set(everything $<TARGET_OBJECTS:rapl_objects> $<TARGET_OBJECTS:rapl_core>
               $<TARGET_OBJECTS:rapl_core_text> $<TARGET_OBJECTS:rapl_recording>)
set(exports "${CMAKE_CURRENT_SOURCE_DIR}/exports.txt")
file(STRINGS "${exports}" exported_names)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${exports}")

add_library(rapl_static STATIC ${everything})
add_library(rapl_shared SHARED ${everything})
foreach(target rapl_static rapl_shared)
    set_target_properties(${target} PROPERTIES
        OUTPUT_NAME rapl
        LINKER_LANGUAGE C)
    target_include_directories(${target} INTERFACE
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()
set_target_properties(rapl_static PROPERTIES EXPORT_NAME static)
set_target_properties(rapl_shared PROPERTIES EXPORT_NAME rapl)

if(WIN32)
    string(REPLACE ";" "\n    " names "${exported_names}")
    file(CONFIGURE OUTPUT rapl-1.def @ONLY CONTENT
         "LIBRARY rapl-1.dll\nEXPORTS\n    @names@\n")
    target_sources(rapl_shared PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/rapl-1.def" rapl_dll.rc)
    include(version)
    rapl_version_resource(rapl_dll.rc)
    target_include_directories(rapl_shared PRIVATE "${PROJECT_SOURCE_DIR}")
    set_target_properties(rapl_shared PROPERTIES
        PREFIX ""
        RUNTIME_OUTPUT_NAME rapl-1
        ARCHIVE_OUTPUT_NAME rapl
        IMPORT_PREFIX lib)
    target_compile_definitions(rapl_shared INTERFACE RAPL_DLL)
    target_link_libraries(rapl_shared PRIVATE ${system_libraries})
    target_link_options(rapl_shared PRIVATE
        -fuse-ld=lld
        -static-libgcc
        -s
        "SHELL:-Xlinker -Xlink=/release"
        "SHELL:-Xlinker -Xlink=/Brepro")
    target_link_libraries(rapl_static INTERFACE ${system_libraries})
    set(private_libraries "-ladvapi32 -lkernel32 -lsetupapi")
else()
    string(REPLACE ";" "; " names "${exported_names}")
    file(CONFIGURE OUTPUT rapl.map @ONLY CONTENT
         "RAPL_1 { global: @names@; local: *; };\n")
    target_link_options(rapl_shared PRIVATE
        "LINKER:--version-script=${CMAKE_CURRENT_BINARY_DIR}/rapl.map" LINKER:--no-undefined)
    set_target_properties(rapl_shared PROPERTIES
        LINK_DEPENDS "${CMAKE_CURRENT_BINARY_DIR}/rapl.map"
        VERSION ${PROJECT_VERSION}
        SOVERSION 1)
    target_link_libraries(rapl_shared PRIVATE ${system_libraries})
    target_link_libraries(rapl_static INTERFACE ${system_libraries})
    # One object whose inner names are nobody else's.
    add_custom_command(TARGET rapl_static POST_BUILD
        COMMAND sh "${CMAKE_CURRENT_SOURCE_DIR}/hide.sh" "${CMAKE_LINKER}" "${CMAKE_OBJCOPY}"
                "${CMAKE_AR}" $<TARGET_FILE:rapl_static>
        VERBATIM)
    set(private_libraries "-pthread")
endif()

# ---- Installing ---------------------------------------------------------------------------------

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/rapl)
install(TARGETS rapl_static rapl_shared EXPORT rapl
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT library)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/rapl" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        COMPONENT library)
install(EXPORT rapl NAMESPACE rapl:: FILE raplTargets.cmake DESTINATION ${package_dir}
        COMPONENT library)
configure_package_config_file(raplConfig.cmake.in "${CMAKE_CURRENT_BINARY_DIR}/raplConfig.cmake"
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/raplConfigVersion.cmake"
                                 COMPATIBILITY SameMajorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/raplConfig.cmake"
              "${CMAKE_CURRENT_BINARY_DIR}/raplConfigVersion.cmake"
        DESTINATION ${package_dir} COMPONENT library)
configure_file(rapl.pc.in "${CMAKE_CURRENT_BINARY_DIR}/rapl.pc" @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/rapl.pc"
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
