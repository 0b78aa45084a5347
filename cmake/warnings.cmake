# Warnings are errors, for gcc and clang, and for Microsoft's compiler.
if(MSVC)
    # Written, not yet run: nobody has compiled this with Microsoft's compiler.
    add_compile_options(
        $<$<COMPILE_LANGUAGE:C>:/W4>
        $<$<COMPILE_LANGUAGE:C>:/WX>
        $<$<COMPILE_LANGUAGE:C>:/utf-8>
        $<$<COMPILE_LANGUAGE:C>:/wd4127>  # a condition that is constant: sizeof in an if
        $<$<COMPILE_LANGUAGE:C>:/wd4200>  # a flexible array, which C has
        $<$<COMPILE_LANGUAGE:C>:/wd4201>  # unnamed unions, in Windows' own headers
        $<$<COMPILE_LANGUAGE:C>:/wd4204>  # initialisers that are not constant, which C has
        $<$<COMPILE_LANGUAGE:C>:/wd4214>  # bit fields of other types, in Windows' own headers
        $<$<COMPILE_LANGUAGE:C>:/wd4221>) # addresses of locals in initialisers, which C has
    # fopen and wcscpy are C; the names meant instead are Microsoft's.
    add_compile_definitions($<$<COMPILE_LANGUAGE:C>:_CRT_SECURE_NO_WARNINGS>)
    return()
endif()
add_compile_options(
    $<$<COMPILE_LANGUAGE:C>:-Wall>
    $<$<COMPILE_LANGUAGE:C>:-Wextra>
    $<$<COMPILE_LANGUAGE:C>:-Werror>
    $<$<COMPILE_LANGUAGE:C>:-Wshadow>
    $<$<COMPILE_LANGUAGE:C>:-Wconversion>
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
    $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>
    $<$<COMPILE_LANGUAGE:C>:-Wvla>
    $<$<COMPILE_LANGUAGE:C>:-Wundef>)
