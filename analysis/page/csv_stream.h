#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace offcut::analysis {

/// Calls `row` with the fields of each row of a CSV file that offcut wrote, the header first. Keeps
/// one row at a time, so that a log of any length can be read. Throws InputError if the file can't
/// be read, or a row has another number of fields than the header.
void for_each_row(const std::string& path,
                  const std::function<void(std::span<const std::string_view>)>& row);

}  // namespace offcut::analysis
