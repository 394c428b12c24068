#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>

namespace offcut::cli {

/// Writes help in lines of at most `width` columns. The footer of a command is wrapped, too, except
/// for its examples: from "Example:" on, lines stay as they are.
class HelpFormat : public CLI::Formatter {
 public:
  explicit HelpFormat(std::size_t width);

 private:
  std::string make_description(const CLI::App* app) const override;
  std::string make_footer(const CLI::App* app) const override;
  std::string make_subcommand(const CLI::App* command) const override;
  std::string make_expanded(const CLI::App* command) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;

  std::size_t width_;
};

}  // namespace offcut::cli
