# One version, in the file VERSION. Resources and programs get it from the generated header.
string(REPLACE "." "," RAPL_VERSION_COMMAS "${RAPL_VERSION}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/rapl_version.h.in"
               "${PROJECT_BINARY_DIR}/generated/rapl_version.h" @ONLY)
include_directories("${PROJECT_BINARY_DIR}/generated")
