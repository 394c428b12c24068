# ctest reads this file after the list of a program's test cases, and labels those of its suite "slow", and all others
# "fast". It gets the name of the program's folder, and the names of its slow cases in `slow_cases`.
set(slow "")
if(EXISTS "${slow_cases}")
  file(STRINGS "${slow_cases}" slow REGEX "^[^[=]")  # Without doctest's own lines.
endif()
foreach(test IN LISTS ${folder}_test_TESTS)
  string(REGEX REPLACE "^${folder}: *" "" case "${test}")
  list(FIND slow "${case}" place)
  if(all_are_slow OR NOT place EQUAL -1)
    set_tests_properties("${test}" PROPERTIES LABELS slow)
  else()
    set_tests_properties("${test}" PROPERTIES LABELS fast)
  endif()
endforeach()
