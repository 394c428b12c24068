#pragma once

#include "sim/engine/controller.h"
#include "sim/engine/core/itineraries.h"
#include "sim/engine/core/request_pool.h"
#include "sim/engine/energy/energy_books.h"
#include "sim/engine/links/link_books.h"
#include "sim/engine/withdrawal.h"

namespace offcut::engine {

/// Tells a controller that observes about messages, and carries those of its own. The latter are
/// requests of the pool with negative numbers, which wait in the lines of their devices and cross
/// links as all messages do, and end when they have left.
class SideMessages final : public SideTraffic, EventQueue::Handler {
 public:
  class Listener {
   public:
    /// The message takes its place in the line of its device.
    virtual void line_up(Request* message) = 0;

   protected:
    ~Listener() = default;
  };

  /// All arguments must outlive it.
  SideMessages(Controller& controller, RequestPool& requests, Itineraries& itineraries,
               const network::Attachment& attachment, const Legs& legs, EventQueue& events,
               LinkBooks& links, EnergyBooks& energy, Listener& listener)
      : watcher_(controller.observes() ? &controller : nullptr),
        requests_(requests),
        itineraries_(itineraries),
        attachment_(attachment),
        legs_(legs),
        events_(events),
        links_(links),
        energy_(energy),
        listener_(listener) {}

  void start() {
    if (watcher_ != nullptr) {
      watcher_->begins(*this);
    }
  }
  /// A message of a request has left its sender.
  void transferred(const Request* request) {
    if (watcher_ != nullptr && !request->of_tasks && legs_.leaves_device(request->stage)) {
      watcher_->transferred(transfer_of(request));
    }
  }
  void request_ended(const Request* request) {
    if (watcher_ != nullptr) {
      watcher_->ended(request->record);
    }
  }

  void send(std::size_t device, std::size_t request_class, Bytes bytes,
            std::size_t token) override {
    Request* message = requests_.take_side(device, request_class, token);
    const std::size_t group = attachment_.group_of(device);
    message->route = itineraries_.route_of_side(request_class, group);
    message->stage = legs_.number(0, group);
    message->bytes = bytes;
    // An event of its own, since the controller is still choosing an itinerary.
    events_.schedule(events_.now(), *this, 0, 0, message);
  }
  /// A message of the controller's own has left its device, or was lost.
  void ended(Request* message, bool arrived) {
    energy_.releases(message);
    const std::size_t token = message->token;
    const Transfer transfer = transfer_of(message);
    requests_.release(message);
    watcher_->side_message_ended(token, transfer, arrived);
  }
  /// Its device has no power left.
  void give_up(Request* message, Withdrawal& withdrawal, const Network& network) {
    requests_.give_up(message);
    if (message->is_on_air()) {
      energy_.ends(message, network.crossed(message), events_.now());
    }
    energy_.releases(message);
    withdrawal.withdraw(message, events_.now());
  }

 private:
  void handle(std::uint32_t /*kind*/, std::uint32_t /*number*/, void* subject) override {
    auto* message = static_cast<Request*>(subject);
    if (message->gave_up) {
      requests_.release(message);
      return;
    }
    links_.record_message(message, events_.now());
    listener_.line_up(message);
  }

  Transfer transfer_of(const Request* request) const {
    return {.device = request->record.device,
            .request_class = request->record.request_class,
            .hop = legs_.hops(request->stage).front(),
            .up = request->up,
            .bytes = request->bytes,
            .start = Seconds(request->sent_from),
            .end = Seconds(events_.now())};
  }

  Controller* const watcher_;  // Null unless the controller observes.
  RequestPool& requests_;
  Itineraries& itineraries_;
  const network::Attachment& attachment_;
  const Legs& legs_;
  EventQueue& events_;
  LinkBooks& links_;
  EnergyBooks& energy_;
  Listener& listener_;
};

}  // namespace offcut::engine
