#pragma once

#include <string>
#include <vector>

namespace offcut::cli {

/// Throws InputError if the value of a --set was written without quotes, so that the shell made
/// several arguments of it: a number and its unit, or a map or list with blanks. With `any`, also
/// if the argument after a --set could belong to it: some argument is known to be one too many.
void check_set_arguments(const std::vector<std::string>& arguments, bool any);

}  // namespace offcut::cli
