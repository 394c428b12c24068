// Finds and loads the module with MPI. A program that is not started by an MPI launcher never loads
// it, and pays nothing for it.

#include "sim/study/sweep/rank_channel.h"

#include <dlfcn.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "models/base/error.h"

namespace offcut::study {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModule = "offcut-mpi.so";

}  // namespace

std::optional<int> launched_rank() {
  // Open MPI, PMIx (srun --mpi=pmix), and MPICH with its relatives.
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"}) {
    if (const char* text = std::getenv(name)) {
      int rank = 0;
      const auto [end, error] = std::from_chars(text, text + std::strlen(text), rank);
      if (error == std::errc() && *end == '\0' && rank >= 0) {
        return rank;
      }
    }
  }
  return std::nullopt;
}

std::unique_ptr<RankChannel> open_mpi_channel() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  std::string reason = "offcut was built without MPI";
  for (const fs::path& path :
       {program / kModule, program / ".." / kModule, program / ".." / "lib" / "offcut" / kModule}) {
    if (!fs::exists(path, ignored)) {
      continue;
    }
    // SimGrid defines functions of MPI, too, for simulated ranks: the module must find the real
    // ones.
    void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (module == nullptr) {
      reason = dlerror();
      continue;
    }
    using Open = RankChannel* (*)();
    if (void* open = dlsym(module, "offcut_open_mpi_channel")) {
      return std::unique_ptr<RankChannel>(reinterpret_cast<Open>(open)());
    }
  }
  throw InputError({"offcut sweep"}, "it was started by an MPI launcher, but " + reason +
                                         "; expected one process, or --shard for each of several");
}

}  // namespace offcut::study
