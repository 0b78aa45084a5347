# Windows x64 from Debian: clang-19 and lld-19 over MinGW-w64's headers and import libraries.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(RAPL_TARGET x86_64-w64-mingw32)

set(CMAKE_C_COMPILER clang-19)
set(CMAKE_C_COMPILER_TARGET ${RAPL_TARGET})
set(CMAKE_RC_COMPILER llvm-windres-19)
set(CMAKE_RC_FLAGS_INIT "--target=${RAPL_TARGET}")
set(CMAKE_AR llvm-ar-19 CACHE STRING "")
set(CMAKE_RANLIB llvm-ranlib-19 CACHE STRING "")

set(CMAKE_FIND_ROOT_PATH /usr/${RAPL_TARGET})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)

set(CMAKE_EXE_LINKER_FLAGS_INIT "-fuse-ld=lld")

# The kernel images must not see kernel32 and friends; programs name what they use.
set(CMAKE_C_STANDARD_LIBRARIES "" CACHE STRING "" FORCE)

# The same sources give the same bytes in any folder: no build paths, no time stamps.
get_filename_component(rapl_root "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
set(CMAKE_C_FLAGS_INIT "\"-ffile-prefix-map=${rapl_root}/=\" -fdebug-compilation-dir=.")
