#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace offcut::runtime {

enum class Route { server, live, ready, model, model_ready, infer, metrics };

/// The things that a request's target names.
struct Target {
  Route route = Route::server;
  std::string model;    // Of the routes of a model. Decoded: may hold any byte.
  std::string version;  // Empty: not given.
};

/// Returns nothing if no such path is served. A query and a final '/' have no effect.
std::optional<Target> parse_target(std::string_view target);

std::string_view to_text(Route route);  // "model_ready"

}  // namespace offcut::runtime
