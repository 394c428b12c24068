# ctest reads this file after the list of a program's test cases, and labels those of its suite "slow", and all others
# "fast". It gets the name of the program's folder, and the names of its slow cases in `slow_cases`.
set(slow "")
if(EXISTS "${slow_cases}")
  file(STRINGS "${slow_cases}" names REGEX "^[^[=]")  # Without doctest's own lines.
  list(TRANSFORM names PREPEND "${folder}: " OUTPUT_VARIABLE slow)
endif()
foreach(test IN LISTS ${folder}_test_TESTS)
  if(all_are_slow OR test IN_LIST slow)
    set_tests_properties("${test}" PROPERTIES LABELS slow)
  else()
    set_tests_properties("${test}" PROPERTIES LABELS fast)
  endif()
endforeach()
