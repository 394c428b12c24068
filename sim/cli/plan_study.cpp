// Reads --sensitivity and --pareto of `offcut plan`, for one of the scenario's models: the names of
// its tiers and hops, and the figures that it has, decide what is valid.

#include "sim/cli/plan_study.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "models/base/readable.h"

namespace offcut::cli {
namespace {

using Varied = partition::Variation::What;

const std::map<std::string, Varied> kParameters = {
    {"bandwidth", Varied::bandwidth}, {"up", Varied::up},     {"down", Varied::down},
    {"latency", Varied::latency},     {"load", Varied::load}, {"speed", Varied::speed}};

constexpr double kMostVaried = 1e18;  // Far beyond it, costs would overflow.

std::vector<std::string> parameter_names() {
  std::vector<std::string> names;
  for (const auto& [name, parameter] : kParameters) {
    names.push_back(name);
  }
  return names;
}

std::vector<std::string> axis_names() {
  std::vector<std::string> names;
  for (const ParetoAxis& axis : kParetoAxes) {
    names.emplace_back(axis.name);
  }
  return names;
}

bool varies_tier(Varied parameter) {
  return parameter == Varied::load || parameter == Varied::speed;
}

Dimension dimension_of(Varied parameter) {
  return varies_tier(parameter)         ? Dimension::number
         : parameter == Varied::latency ? Dimension::time
                                        : Dimension::bandwidth;
}

std::vector<std::string> hop_names(const partition::Problem& problem) {
  std::vector<std::string> names;
  for (std::size_t hop = 0; hop < problem.hop_count(); ++hop) {
    names.push_back(problem.hop_name(hop));
  }
  return names;
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? ""
                                    : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// Returns the unit that follows the number.
std::string unit_of(const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return trimmed(std::string(end, text.data() + text.size()));
}

/// Reads one value of --sensitivity.
class Reader {
 public:
  Reader(const partition::Problem& problem, std::vector<Diagnostic>& diagnostics)
      : problem_(problem), diagnostics_(diagnostics) {}

  SensitivityStudy read(const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::size_t dots = text.find("..", equals == std::string::npos ? 0 : equals);
    if (equals == std::string::npos || dots == std::string::npos) {
      refuse("expected [NAME.]PARAMETER=FROM..TO, such as bandwidth=0.1..100 Mbit/s, got " +
             in_quotes(text));
      return {};
    }
    const std::string key = trimmed(text.substr(0, equals));
    const std::size_t dot = key.rfind('.');
    const std::string parameter = dot == std::string::npos ? key : key.substr(dot + 1);
    const auto known = kParameters.find(parameter);
    if (known == kParameters.end()) {
      refuse(fmt::format("unknown parameter {}{}", in_quotes(parameter),
                         suggestion(parameter, parameter_names())));
      return {};
    }
    study_.variation.what = known->second;
    find_places(parameter, dot == std::string::npos ? "" : key.substr(0, dot));
    read_range(parameter, trimmed(text.substr(equals + 1, dots - equals - 1)),
               trimmed(text.substr(dots + 2)));
    return std::move(study_);
  }

 private:
  void refuse(std::string message) {
    diagnostics_.push_back({Place{"--sensitivity"}, std::move(message)});
  }

  /// Finds the hop or tier of that name. Without a name, it is the first hop; for the load, all
  /// tiers but the device; for the speed, the device.
  void find_places(const std::string& parameter, const std::string& name) {
    const Varied kind = study_.variation.what;
    const std::vector<std::string> names = varies_tier(kind) ? problem_.tiers : hop_names(problem_);
    if (name.empty()) {
      const std::size_t first = kind == Varied::load ? 1 : 0;
      const std::size_t end =
          kind == Varied::load ? names.size() : std::min<std::size_t>(1, names.size());
      for (std::size_t place = first; place < end; ++place) {
        study_.variation.where.push_back(place);
      }
    } else if (const auto it = std::find(names.begin(), names.end(), name); it != names.end()) {
      study_.variation.where = {static_cast<std::size_t>(it - names.begin())};
    } else if (!names.empty()) {
      refuse(fmt::format("unknown {} {}{}", varies_tier(kind) ? "tier" : "hop", in_quotes(name),
                         suggestion(name, names)));
      return;
    }
    if (study_.variation.where.empty()) {
      refuse(fmt::format("the scenario has a single tier, and no {}", parameter));
      return;
    }
    std::string places;
    for (const std::size_t place : study_.variation.where) {
      places += (places.empty() ? "" : ", ") + names[place];
    }
    study_.name = fmt::format("{} of {}", parameter, places);
  }

  void read_range(const std::string& parameter, const std::string& from, const std::string& to) {
    const Dimension dimension = dimension_of(study_.variation.what);
    study_.unit = unit_of(to);
    try {
      study_.variation.to = parse_quantity(to, dimension);
      study_.unit_si = study_.unit.empty() ? 1 : parse_quantity("1 " + study_.unit, dimension);
      study_.variation.from =
          parse_quantity(unit_of(from).empty() ? from + " " + study_.unit : from, dimension);
    } catch (const std::invalid_argument& error) {
      refuse(fmt::format("{}: {}", parameter, error.what()));
      return;
    }
    const double least = study_.variation.from;
    const double most = study_.variation.to;
    const bool may_be_0 = study_.variation.what == Varied::latency;
    if (!(least < most) || least < 0 || (least == 0 && !may_be_0)) {
      refuse(fmt::format("{}: expected a range from {} upwards, got {}..{}", parameter,
                         may_be_0 ? "0" : "a number above 0", from, to));
    } else if (most > kMostVaried || (least > 0 && least < 1 / kMostVaried)) {
      refuse(fmt::format("{}: expected values from {:g} to {:g} in SI, got {}..{}", parameter,
                         1 / kMostVaried, kMostVaried, from, to));
    }
  }

  const partition::Problem& problem_;
  std::vector<Diagnostic>& diagnostics_;
  SensitivityStudy study_;
};

/// Returns why the figure is unknown and would be 0 for all plans; empty if it is known.
std::string missing_figure(const std::string& name, const partition::Problem& problem) {
  if (const std::string unknown = unknown_power(problem); name == "energy" && !unknown.empty()) {
    return unknown + (problem.power.machine_known ? ": energy needs it, be it 0 W"
                                                  : ": energy needs a device with a power");
  }
  bool are_hops_free = true;
  for (std::size_t hop = 0; hop < problem.hop_count(); ++hop) {
    are_hops_free = are_hops_free && problem.hop(hop).price == 0;
  }
  if (name == "money" &&
      std::all_of(problem.price.begin(), problem.price.end(), [](double p) { return p == 0; }) &&
      are_hops_free) {
    return "money: no tier and no hop has a price";
  }
  if (name == "memory" && problem.memory.empty()) {
    return "memory: a layer table does not state the memory of its layers";
  }
  if (name == "accuracy" && problem.extras.accuracy.empty()) {
    return "no codec's accuracy was measured; expected a list of codecs in plan.codec";
  }
  return "";
}

}  // namespace

std::string SensitivityStudy::text(double value) const {
  return fmt::format("{}{}{}", significant(value / unit_si, 6), unit.empty() ? "" : " ", unit);
}

SensitivityStudy parse_sensitivity(const std::string& text, const partition::Problem& problem,
                                   std::vector<Diagnostic>& diagnostics) {
  return Reader(problem, diagnostics).read(text);
}

ParetoStudy parse_pareto(const std::string& text, const partition::Problem& problem,
                         std::vector<Diagnostic>& diagnostics) {
  const auto refuse = [&](std::string message) {
    diagnostics.push_back({Place{"--pareto"}, std::move(message)});
  };
  ParetoStudy study;
  const std::string list = text + ",";
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t comma = list.find(',', begin);
    const std::string name = trimmed(list.substr(begin, comma - begin));
    begin = comma + 1;
    const auto known = std::find_if(kParetoAxes.begin(), kParetoAxes.end(),
                                    [&](const ParetoAxis& axis) { return axis.name == name; });
    if (known == kParetoAxes.end()) {
      refuse(
          fmt::format("unknown objective {}{}", in_quotes(name), suggestion(name, axis_names())));
    } else if (study.has(*known)) {
      refuse(fmt::format("'{}' is given twice", name));
    } else {
      if (const std::string missing = missing_figure(name, problem); !missing.empty()) {
        refuse(missing);
      }
      study.axes.push_back(&*known);
    }
  }
  if (study.axes.size() < 2 && diagnostics.empty()) {
    refuse("expected two objectives or more, such as latency,energy");
  }
  return study;
}

bool ParetoStudy::has(const ParetoAxis& axis) const {
  return std::find(axes.begin(), axes.end(), &axis) != axes.end();
}

std::vector<partition::FrontAxis> ParetoStudy::front_axes() const {
  std::vector<partition::FrontAxis> all;
  for (const ParetoAxis* axis : axes) {
    all.push_back(axis->axis);
  }
  return all;
}

std::string readable_seconds(double value) { return to_readable(Seconds(value)); }
std::string readable_joules(double value) { return to_readable(Joules(value)); }
std::string readable_money(double value) { return significant(value, 4); }
std::string readable_share(double value) { return percent(value, 4); }
std::string readable_bytes(double value) { return to_readable(Bytes(value)); }

}  // namespace offcut::cli
