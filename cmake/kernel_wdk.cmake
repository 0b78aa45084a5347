# Kernel images from Microsoft's compiler, linker and driver kit (WDK or EWDK): the same two functions
# as in kernel.cmake. Written, not yet run. The flags are those that the kit's own project files give
# to a WDM driver for x64; what differs from the image of clang and lld is in docs/building.md.

set(RAPL_WDK_ROOT "$ENV{WindowsSdkDir}" CACHE PATH "Windows Kits\\10, where Include and Lib are")
string(REGEX REPLACE "[\\\\/]$" "" wdk_version "$ENV{WindowsSDKVersion}")
set(RAPL_WDK_VERSION "${wdk_version}" CACHE STRING "version of the kit, as 10.0.26100.0")
cmake_path(SET wdk_root NORMALIZE "${RAPL_WDK_ROOT}")
set(wdk_include "${wdk_root}/Include/${RAPL_WDK_VERSION}/km")
set(RAPL_WDK_LIBRARIES "${wdk_root}/Lib/${RAPL_WDK_VERSION}/km/x64")
if(NOT EXISTS "${wdk_include}/ntddk.h")
    message(FATAL_ERROR "No ntddk.h in ${wdk_include}. Install the WDK of the same version as the "
        "SDK and configure in a developer prompt, or in the EWDK's; or set RAPL_WDK_ROOT and "
        "RAPL_WDK_VERSION. See docs/building.md.")
endif()

set(RAPL_KERNEL_COMPILE_OPTIONS
    /kernel   # no floating point state, no C++ exceptions, as the kernel's ABI asks
    /GS       # stack cookies
    /guard:cf # Control Flow Guard
    /Gy       # a section for each function: unused ones are dropped
    /wd4996   # ExAllocatePoolWithTag: its successor needs Windows 10 2004
    /Zi)

set(RAPL_KERNEL_DEFINITIONS
    _AMD64_ _WIN64 AMD64
    _WIN32_WINNT=0x0A00
    WINVER=0x0A00
    WINNT=1
    NTDDI_VERSION=0x0A000002) # Windows 10 1607

function(rapl_kernel_objects name)
    add_library(${name} OBJECT ${ARGN})
    target_compile_options(${name} PRIVATE
        $<$<COMPILE_LANGUAGE:C>:${RAPL_KERNEL_COMPILE_OPTIONS}>)
    target_compile_definitions(${name} PRIVATE
        $<$<COMPILE_LANGUAGE:C>:${RAPL_KERNEL_DEFINITIONS}>)
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}"
                                               "${PROJECT_SOURCE_DIR}/include")
    target_include_directories(${name} SYSTEM PRIVATE "${wdk_include}" "${wdk_include}/crt")
    rapl_version_resource(${ARGN})
endfunction()

function(rapl_kernel_image target file_name)
    set(sources "")
    foreach(objects IN LISTS ARGN)
        list(APPEND sources $<TARGET_OBJECTS:${objects}>)
    endforeach()
    add_executable(${target} ${sources})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${file_name} SUFFIX .sys
                                               LINKER_LANGUAGE C)
    target_link_options(${target} PRIVATE
        /DRIVER
        /SUBSYSTEM:NATIVE,10.0
        /ENTRY:GsDriverEntry # prepares the cookie, then calls DriverEntry
        /NODEFAULTLIB
        /MANIFEST:NO
        /INCREMENTAL:NO
        /GUARD:CF
        /OPT:REF
        /OPT:ICF
        /SECTION:INIT,d
        /DEBUG
        /PDBALTPATH:${file_name}.pdb
        /RELEASE
        /Brepro)
    target_link_libraries(${target} PRIVATE
        "${RAPL_WDK_LIBRARIES}/BufferOverflowFastFailK.lib"
        "${RAPL_WDK_LIBRARIES}/ntoskrnl.lib"
        "${RAPL_WDK_LIBRARIES}/hal.lib")
endfunction()
