// A CSV file as samples: a label or targets, and features. The columns' names decide which is
// which; every field that is no number is reported with its place.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/base/csv_table.h"
#include "models/base/error.h"
#include "models/dataset/readers.h"

namespace offcut::dataset {
namespace {

constexpr double kMostNumber = 3e38;  // Of a float32.
constexpr std::int64_t kMostLabel = 1'000'000;

struct Roles {
  std::vector<std::string> features, targets;
  bool has_label = false;
};

/// Returns whether the name is "target" with or without a number.
bool is_target(const std::string& name) {
  const std::string word = "target";
  return name.starts_with(word) &&
         name.find_first_not_of("_0123456789", word.size()) == std::string::npos;
}

Roles roles_of(const std::vector<std::string>& columns, const std::string& path) {
  Roles roles;
  for (const std::string& name : columns) {
    if (name == "label") {
      roles.has_label = true;
    } else {
      (is_target(name) ? roles.targets : roles.features).push_back(name);
    }
  }
  const Place header{path, 1, 1};
  if (roles.has_label == !roles.targets.empty()) {
    const std::string near = nearest("label", roles.features);
    throw InputError(header,
                     roles.has_label
                         ? "has a label and targets; expected one or the other"
                         : fmt::format("there is no column 'label' of classes, nor "
                                       "'target' of a regression{}",
                                       near.empty() ? "" : "; is it " + in_quotes(near) + "?"));
  }
  if (roles.features.empty()) {
    throw InputError(header, "there is no column of a feature");
  }
  return roles;
}

/// Returns the names that are in `names` alone, in quotes.
std::vector<std::string> not_among(const std::vector<std::string>& names,
                                   const std::vector<std::string>& others) {
  std::vector<std::string> found;
  for (const std::string& name : names) {
    if (std::find(others.begin(), others.end(), name) == others.end()) {
      found.push_back(in_quotes(name));
    }
  }
  return found;
}

/// Throws InputError unless a file has the same columns as the file `like`.
void check_same_names(const std::vector<std::string>& columns, const std::string& path,
                      const std::vector<std::string>& expected, const std::string& like) {
  const std::vector<std::string> missing = not_among(expected, columns);
  const std::vector<std::string> others = not_among(columns, expected);
  if (missing.empty() && others.empty()) {
    return;
  }
  throw InputError(
      Place{path, 1, 1},
      fmt::format("expected the columns of {}, but there is {}{}{}", like,
                  missing.empty() ? "" : fmt::format("no {}", fmt::join(missing, ", ")),
                  missing.empty() || others.empty() ? "" : ", and ",
                  others.empty() ? "" : fmt::format("{} beside them", fmt::join(others, ", "))));
}

}  // namespace

Samples read_csv_samples(const std::string& path, const std::string& like) {
  const std::string content = "samples";
  const std::vector<std::string> own = read_csv(path, content).rows.front().fields;
  CsvTable table(path, content, {.required = {}, .optional = own});
  const std::vector<std::string> columns =
      like.empty() ? own : read_csv(like, content).rows.front().fields;
  check_same_names(own, path, columns, like);
  const Roles roles = roles_of(columns, path);
  const auto count = static_cast<std::int64_t>(table.rows().size());
  if (count == 0) {
    throw InputError({path}, "holds no samples");
  }
  const auto width = [](const std::vector<std::string>& names) {
    return static_cast<std::int64_t>(names.size());
  };
  Samples samples{.inputs = Tensor({DataType::float32, {count, width(roles.features)}}),
                  .source = path};
  samples.labels = roles.has_label ? Tensor({DataType::int64, {count}}) : Tensor();
  samples.targets =
      roles.has_label ? Tensor() : Tensor({DataType::float32, {count, width(roles.targets)}});
  const auto fill = [&](const std::vector<std::string>& names, const CsvRow& row, float* to) {
    for (const std::string& name : names) {
      *to++ = static_cast<float>(table.number(row, name, -kMostNumber, kMostNumber).value_or(0));
    }
  };
  std::size_t i = 0;
  for (const CsvRow& row : table.rows()) {
    if (table.is_whole(row)) {
      fill(roles.features, row, samples.inputs.values<float>().data() + i * roles.features.size());
      if (roles.has_label) {
        samples.labels.values<std::int64_t>()[i] =
            table.whole_number(row, "label", 0, kMostLabel, "a class").value_or(0);
      } else {
        fill(roles.targets, row, samples.targets.values<float>().data() + i * roles.targets.size());
      }
    }
    ++i;
  }
  table.stop_on_diagnostics();
  return samples;
}

}  // namespace offcut::dataset
