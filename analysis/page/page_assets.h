#pragma once

#include <string_view>

namespace offcut::analysis {

/// The page without its data, in parts: its style, its scripts and d3 are in the program
/// (cmake/embed_page.cmake writes the definitions).
struct PageTemplate {
  std::string_view before_title;  // Empty: the program was built without d3.
  std::string_view before_data;
  std::string_view after_data;
};

PageTemplate page_template();

}  // namespace offcut::analysis
