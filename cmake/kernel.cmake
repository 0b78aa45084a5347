# Kernel images from clang and lld. Why each flag is there is in docs/decisions/0002-image-flags.md.

if(MSVC)
    include(kernel_wdk)
    return()
endif()

set(RAPL_KERNEL_COMPILE_OPTIONS
    -mgeneral-regs-only       # no floating point: the kernel does not save it for us
    -fms-extensions           # __try / __except
    -mguard=cf                # Control Flow Guard
    -fstack-protector-strong
    -ffreestanding
    -fasynchronous-unwind-tables # without them a fault in rdmsr finds no handler
    -fno-ident
    -ffunction-sections       # a section for each function: unused ones are dropped
    -fno-optimize-sibling-calls # a guarded call that is a jump is hard to tell from an unguarded one
    -gcodeview
    -gno-codeview-command-line) # it would put the build folder into the PDB

set(RAPL_KERNEL_DEFINITIONS
    _WIN32_WINNT=0x0A00
    NTDDI_VERSION=0x0A000002 # Windows 10 1607
    # MinGW-w64 10 gives these two external linkage in every file that includes wdm.h.
    __INTRINSIC_DEFINED_InterlockedBitTestAndSet
    __INTRINSIC_DEFINED_InterlockedBitTestAndReset
    # intrin.h includes mm3dnow.h, which warns that it is deprecated.
    _MM3DNOW_H_INCLUDED)

# rapl_kernel_objects(NAME SOURCES...): objects that one or more images link.
function(rapl_kernel_objects name)
    add_library(${name} OBJECT ${ARGN})
    target_compile_options(${name} PRIVATE
        $<$<COMPILE_LANGUAGE:C>:${RAPL_KERNEL_COMPILE_OPTIONS}>)
    target_compile_definitions(${name} PRIVATE
        $<$<COMPILE_LANGUAGE:C>:${RAPL_KERNEL_DEFINITIONS}>)
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}"
                                               "${PROJECT_SOURCE_DIR}/include")
    target_include_directories(${name} SYSTEM PRIVATE /usr/x86_64-w64-mingw32/include/ddk)
    rapl_version_resource(${ARGN})
endfunction()

# Named without a folder: the PDB holds the names of what was linked, and is part of the image's hash.
set(RAPL_KERNEL_IMPORTS kernel_imports.a)
if(NOT TARGET kernel_imports)
    find_program(RAPL_DLLTOOL llvm-dlltool-19 REQUIRED)
    set(definitions "${PROJECT_SOURCE_DIR}/driver/ntoskrnl.def")
    add_custom_command(OUTPUT "${PROJECT_BINARY_DIR}/${RAPL_KERNEL_IMPORTS}"
        COMMAND "${RAPL_DLLTOOL}" -m i386:x86-64 -d "${definitions}" -l ${RAPL_KERNEL_IMPORTS}
        DEPENDS "${definitions}" WORKING_DIRECTORY "${PROJECT_BINARY_DIR}" VERBATIM)
    add_custom_target(kernel_imports DEPENDS "${PROJECT_BINARY_DIR}/${RAPL_KERNEL_IMPORTS}")
endif()

# rapl_kernel_image(TARGET FILE_NAME objects...): FILE_NAME.sys with its PDB beside it.
function(rapl_kernel_image target file_name)
    set(sources "")
    foreach(objects IN LISTS ARGN)
        list(APPEND sources $<TARGET_OBJECTS:${objects}>)
    endforeach()
    add_executable(${target} ${sources})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${file_name} SUFFIX .sys
                                               LINKER_LANGUAGE C)
    # Paths relative to where Ninja links: they go into the PDB, and the PDB's hash into the image.
    set(pdb "${CMAKE_CURRENT_BINARY_DIR}/${file_name}.pdb")
    cmake_path(RELATIVE_PATH pdb BASE_DIRECTORY "${CMAKE_BINARY_DIR}" OUTPUT_VARIABLE pdb_link)
    target_link_options(${target} PRIVATE
        -nostdlib
        ${RAPL_KERNEL_IMPORTS}
        -Wl,-e,DriverEntry
        -Wl,--subsystem,native:10.0
        -Wl,--guard-cf
        -Wl,--gc-sections
        -Wl,--pdb=${pdb_link}
        "SHELL:-Xlinker -Xlink=/pdbsourcepath:."
        "SHELL:-Xlinker -Xlink=/pdbaltpath:${file_name}.pdb"
        "SHELL:-Xlinker -Xlink=/section:INIT,ERD"
        "SHELL:-Xlinker -Xlink=/release"
        "SHELL:-Xlinker -Xlink=/Brepro"
        "SHELL:-Xlinker -Xlink=/tsaware:no")
    # The linker writes its command into the PDB; the compiler adds this variable's folders to it.
    set_target_properties(${target} PROPERTIES
        C_LINKER_LAUNCHER "env;-u;LIBRARY_PATH"
        LINK_DEPENDS "${PROJECT_BINARY_DIR}/${RAPL_KERNEL_IMPORTS}")
    target_link_libraries(${target} PRIVATE ntoskrnl hal)
    add_dependencies(${target} kernel_imports)
    set_target_properties(${target} PROPERTIES ADDITIONAL_CLEAN_FILES "${pdb}")
endfunction()
