#include "sim/engine/outages.h"

namespace offcut::engine {

void Outages::report(RunEvent::Kind kind, const FaultClock::Component& component) const {
  if (observers_.event) {
    observers_.event({.kind = kind,
                      .time = Seconds(events_.now()),
                      .where = component.position,
                      .which = component.index});
  }
}

void Outages::take_machine_down(const FaultClock::Component& component) {
  computing_.machine_down(component.position, component.index);
  energy_.machine_down(component.position, component.index);
}

void Outages::battery_empty(std::size_t group, std::size_t device) {
  const FaultClock::Component component{false, group, device};
  if (computing_.is_up(group, device)) {
    take_machine_down(component);
  }
  report(RunEvent::Kind::battery_empty, component);
}

void Outages::goes_down(const FaultClock::Component& component) {
  if (is_empty(component)) {
    return;
  }
  if (component.is_link) {
    links_.link_down(component.position, component.index, events_.now());
    network_.link_down(component.position, component.index);
  } else {
    take_machine_down(component);
  }
  report(component.is_link ? RunEvent::Kind::link_down : RunEvent::Kind::machine_down, component);
}

void Outages::comes_up(const FaultClock::Component& component) {
  if (is_empty(component)) {
    return;
  }
  if (component.is_link) {
    links_.link_up(component.position, component.index, events_.now());
    network_.link_up(component.position, component.index);
  } else {
    computing_.machine_up(component.position, component.index);
    energy_.machine_up(component.position, component.index);
  }
  report(component.is_link ? RunEvent::Kind::link_up : RunEvent::Kind::machine_up, component);
  recovery_.comes_up(component);
  if (component.is_link && link_up_) {
    link_up_(component.position, component.index);
  }
}

}  // namespace offcut::engine
