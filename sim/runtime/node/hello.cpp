// The hello of a connection as JSON, so that another version can tell what it does not understand.

#include "sim/runtime/node/hello.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace offcut::runtime {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;

Json to_json(const std::vector<TensorSpec>& specs) {
  Json all = Json::array();
  for (const TensorSpec& spec : specs) {
    all.push_back({{"name", spec.name},
                   {"type", static_cast<int>(spec.type.type)},
                   {"shape", spec.type.shape}});
  }
  return all;
}

std::vector<TensorSpec> specs_of(const Json& all) {
  std::vector<TensorSpec> specs;
  for (const Json& one : all) {
    const int type = one.at("type").get<int>();
    if (type < 0 || type > static_cast<int>(kLastDataType)) {
      throw std::invalid_argument("an unknown type of tensor");
    }
    specs.push_back({one.at("name").get<std::string>(),
                     {static_cast<DataType>(type), one.at("shape").get<Shape>()}});
  }
  return specs;
}

}  // namespace

std::string to_text(const Hello& hello) {
  Json cuts = Json::array();
  for (const CutSpec& cut : hello.cuts) {
    cuts.push_back({{"used", cut.is_used},
                    {"needs", to_json(cut.needs)},
                    {"gives", to_json(cut.gives)},
                    {"service_s", cut.service.si()},
                    {"total_s", cut.total.si()},
                    {"layers", cut.layers}});
  }
  Json errors = Json::array();
  for (const Seconds error : hello.clock_errors) {
    errors.push_back(error.si());
  }
  return Json{{"offcut", kVersion},   {"refusal", hello.refusal}, {"token", hello.token},
              {"model", hello.model}, {"tiers", hello.tiers},     {"cores", hello.cores},
              {"cuts", cuts},         {"clock_errors_s", errors}}
      .dump();
}

Hello read_hello(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("offcut").get<int>() != kVersion) {
      throw std::invalid_argument(fmt::format("it speaks version {} of the protocol; expected {}",
                                              json.at("offcut").get<int>(), kVersion));
    }
    Hello hello{.refusal = json.at("refusal").get<std::string>(),
                .token = json.at("token").get<std::string>(),
                .model = json.at("model").get<std::string>(),
                .tiers = json.at("tiers").get<std::vector<std::string>>(),
                .cores = json.at("cores").get<std::size_t>(),
                .cuts = {},
                .clock_errors = {}};
    for (const Json& cut : json.at("cuts")) {
      hello.cuts.push_back(
          {.is_used = cut.at("used").get<bool>(),
           .needs = specs_of(cut.at("needs")),
           .gives = specs_of(cut.at("gives")),
           .service = Seconds(cut.at("service_s").get<double>()),
           .total = Seconds(cut.at("total_s").get<double>()),
           .layers = cut.at("layers").get<std::vector<std::vector<std::string>>>()});
    }
    for (const Json& error : json.at("clock_errors_s")) {
      hello.clock_errors.emplace_back(error.get<double>());
    }
    return hello;
  } catch (const Json::exception&) {
    throw std::invalid_argument("its hello is not one of offcut");
  }
}

}  // namespace offcut::runtime
