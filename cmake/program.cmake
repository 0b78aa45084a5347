# rapl_windows_program(TARGET): what the Windows programs have in common.
function(rapl_windows_program target)
    # 0x0A00: Windows 10, the oldest this project runs on.
    target_compile_definitions(${target} PRIVATE
        $<$<COMPILE_LANGUAGE:C>:_WIN32_WINNT=0x0A00;WINVER=0x0A00;WIN32_LEAN_AND_MEAN>)
    # The resource compiler looks for the manifest in its include folders.
    target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
    if(MSVC)
        target_link_options(${target} PRIVATE /SUBSYSTEM:CONSOLE,10.0 /RELEASE /Brepro
                                              /MANIFEST:NO) # the resources have it
    else()
        target_link_options(${target} PRIVATE
            -municode
            -s
            -Wl,--subsystem,console:10.0
            "SHELL:-Xlinker -Xlink=/release"
            "SHELL:-Xlinker -Xlink=/Brepro")
    endif()
    get_target_property(sources ${target} SOURCES)
    rapl_version_resource(${sources})
endfunction()
