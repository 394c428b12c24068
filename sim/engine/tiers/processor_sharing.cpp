// Processor sharing. With SimGrid, a request becomes an Exec that starts when SimGrid's clock has
// caught up; the requests of each server are kept, to be lost when it goes down.

#include "sim/engine/tiers/processor_sharing.h"

#include <algorithm>
#include <iterator>
#include <simgrid/s4u.hpp>

namespace offcut::engine {

namespace {

network::Rates rates_of(const std::vector<std::size_t>& cores) {
  const auto rate = [](std::size_t own) { return network::Rate(static_cast<double>(own)); };
  if (std::all_of(cores.begin(), cores.end(),
                  [&](std::size_t own) { return own == cores.front(); })) {
    return rate(cores.front());
  }
  std::vector<network::Rate> rates;
  std::transform(cores.begin(), cores.end(), std::back_inserter(rates), rate);
  return network::Rates(std::move(rates));
}

}  // namespace

ProcessorSharing::ProcessorSharing(const Simulation& simulation, std::vector<std::size_t> cores,
                                   EventQueue& events, Listener& listener)
    : events_(events), listener_(listener), down_(cores.size()) {
  if (simulation.own_links) {
    FairShares::Listener& mine = *this;
    ours_ = std::make_unique<FairShares>(events, mine, cores.size(), rates_of(cores),
                                         network::Rate(1.0));
  } else {
    at_simgrid_.resize(cores.size());
  }
}

void ProcessorSharing::start(Request* request) {
  if (ours_) {
    ours_->start(request->station, request->work, request);
  } else {
    at_simgrid_[request->station].insert(request);
    events_.with_clock(*this, 0, 0, request);
  }
}

void ProcessorSharing::handle(std::uint32_t /*kind*/, std::uint32_t /*number*/, void* subject) {
  auto* request = static_cast<Request*>(subject);
  // The server may have gone down since the request was started.
  if (down_[request->station] != 0) {
    execution_ended(request, true);
    return;
  }
  const auto execution = simgrid::s4u::Exec::init()
                             ->set_flops_amount(request->work)
                             ->set_host((*hosts_)[request->station]);
  execution->set_data(request);
  request->activity = execution;
  events_.activity_started();
  execution->start();
}

void ProcessorSharing::execution_ended(Request* request, bool failed) {
  at_simgrid_[request->station].erase(request);
  failed ? listener_.sharing_lost(request) : listener_.shared(request);
}

void ProcessorSharing::shared(void* job) { listener_.shared(static_cast<Request*>(job)); }

void ProcessorSharing::server_down(std::size_t server) {
  down_[server] = 1;
  if (ours_) {
    std::vector<Request*> lost;
    for (void* job : ours_->remove_if(server, [](void*) { return true; })) {
      lost.push_back(static_cast<Request*>(job));
    }
    for (Request* request : in_order_of_arrival(std::move(lost))) {
      listener_.sharing_lost(request);
    }
    return;
  }
  for (Request* request : in_order_of_arrival(at_simgrid_[server].all())) {
    if (request->activity != nullptr) {  // Otherwise handle() will find the server down.
      request->activity->cancel();
    }
  }
}

}  // namespace offcut::engine
