#include "sim/engine/outages.h"

namespace offcut::engine {

void Outages::report(RunEvent::Kind machine, RunEvent::Kind link,
                     const FaultClock::Component& component) const {
  if (observers_.event) {
    observers_.event({.kind = component.is_link ? link : machine,
                      .time = Seconds(events_.now()),
                      .where = component.position,
                      .which = component.index});
  }
}

void Outages::goes_down(const FaultClock::Component& component) {
  if (component.is_link) {
    links_.link_down(component.position, component.index, events_.now());
    network_.link_down(component.position, component.index);
  } else {
    computing_.machine_down(component.position, component.index);
    energy_.machine_down(component.position);
  }
  report(RunEvent::Kind::machine_down, RunEvent::Kind::link_down, component);
}

void Outages::comes_up(const FaultClock::Component& component) {
  if (component.is_link) {
    links_.link_up(component.position, component.index, events_.now());
    network_.link_up(component.position, component.index);
  } else {
    computing_.machine_up(component.position, component.index);
    energy_.machine_up(component.position);
  }
  report(RunEvent::Kind::machine_up, RunEvent::Kind::link_up, component);
  recovery_.comes_up(component);
}

}  // namespace offcut::engine
