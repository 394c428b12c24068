#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace offcut::analysis {

/// The page of a run or a sweep, in its folder of results.
inline constexpr const char* kReportPage = "report.html";

/// Throws InputError if the program was built without d3, which draws the page's charts. `option`
/// is what asked for the page.
void require_page(const std::string& option);

/// Writes the page with this title and these data. Equal data give equal bytes. Throws OutputError
/// if the file can't be written. REQUIRES: require_page() throws nothing.
void write_page(const std::string& path, const std::string& title,
                const nlohmann::ordered_json& data);

}  // namespace offcut::analysis
