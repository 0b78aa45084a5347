# One version, in the file VERSION. Resources and programs get it from the generated header.
string(REPLACE "." "," RAPL_VERSION_COMMAS "${RAPL_VERSION}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/rapl_version.h.in"
               "${PROJECT_BINARY_DIR}/generated/rapl_version.h" @ONLY)
include_directories("${PROJECT_BINARY_DIR}/generated")

# rapl_version_resource(SOURCES...): the resource compiler does not say what a resource includes.
function(rapl_version_resource)
    set(resources ${ARGN})
    list(FILTER resources INCLUDE REGEX "\\.rc$")
    set_property(SOURCE ${resources} APPEND PROPERTY OBJECT_DEPENDS
        "${PROJECT_SOURCE_DIR}/cmake/version_resource.rc"
        "${PROJECT_BINARY_DIR}/generated/rapl_version.h")
endfunction()
