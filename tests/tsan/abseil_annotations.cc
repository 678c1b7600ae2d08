// Tells ThreadSanitizer of Abseil's locks. Debian's Abseil is not built with
// it, so that it sees neither that a lock is taken nor what that orders; every
// access that a lock guards would look like a race.
//
// These definitions stand before the library's in every program that is built
// for ThreadSanitizer (.bazelrc), also for other libraries, gRPC for one. Each
// calls the one it hides. What that does in between is Abseil's own business:
// to evaluate the conditions of those who wait, for example, under the lock.

#include <dlfcn.h>
#include <link.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

// ThreadSanitizer's, in GCC's libtsan; <sanitizer/tsan_interface.h> comes with
// clang only.
extern "C" {
void __tsan_acquire(void* address);  // NOLINT
void __tsan_release(void* address);  // NOLINT
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}

namespace {

class Unseen {
 public:
  Unseen() {
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  }
  ~Unseen() {
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
};

// A member function is called as a function of its object.
template <typename Result, typename... Arguments>
Result CallHidden(const char* symbol, Arguments... arguments) {
  const Unseen unseen;
  auto* hidden =
      reinterpret_cast<Result (*)(Arguments...)>(dlsym(RTLD_NEXT, symbol));
  return hidden(arguments...);
}

// Where gRPC's libraries are in memory.
class GrpcCode {
 public:
  GrpcCode() {
    dl_iterate_phdr(
        [](dl_phdr_info* library, size_t, void* self) {
          const std::string_view name = library->dlpi_name;
          if (name.find("/libgrpc") == name.npos &&
              name.find("/libgpr") == name.npos) {
            return 0;
          }
          for (int i = 0; i < library->dlpi_phnum; ++i) {
            const auto& part = library->dlpi_phdr[i];
            const uintptr_t begin = library->dlpi_addr + part.p_vaddr;
            if (part.p_type == PT_LOAD) {
              static_cast<GrpcCode*>(self)->Add(begin, begin + part.p_memsz);
            }
          }
          return 0;
        },
        this);
  }

  bool Has(const void* address) const {
    const auto at = reinterpret_cast<uintptr_t>(address);
    for (size_t i = 0; i < count_; ++i) {
      if (at >= parts_[i].first && at < parts_[i].second) return true;
    }
    return false;
  }

 private:
  void Add(uintptr_t begin, uintptr_t end) {
    if (count_ < parts_.size()) parts_[count_++] = {begin, end};
  }

  std::array<std::pair<uintptr_t, uintptr_t>, 64> parts_;
  size_t count_ = 0;
};

// gRPC also orders what it does by atomics, which are not seen. Its threads are
// therefore taken for ordered whenever they use any lock of gRPC's.
char of_grpc;

bool IsGrpc(const void* caller) {
  static const GrpcCode grpc;
  return grpc.Has(caller);
}

void Acquire(const void* lock, const void* caller) {
  __tsan_acquire(const_cast<void*>(lock));
  if (IsGrpc(caller)) __tsan_acquire(&of_grpc);
}

void Release(const void* lock, const void* caller) {
  __tsan_release(const_cast<void*>(lock));
  if (IsGrpc(caller)) __tsan_release(&of_grpc);
}

}  // namespace

#define CALLER __builtin_return_address(0)

// The names of Debian 12's Abseil, 20220623.
#define MUTEX "_ZN4absl7debian35Mutex"
#define CONDVAR "_ZN4absl7debian37CondVar"
#define NOTIFICATION "_ZN4absl7debian312Notification"
#define CONST_NOTIFICATION "_ZNK4absl7debian312Notification"

namespace absl {

void Mutex::Lock() {
  CallHidden<void>(MUTEX "4LockEv", this);
  Acquire(this, CALLER);
}

bool Mutex::TryLock() {
  const bool locked = CallHidden<bool>(MUTEX "7TryLockEv", this);
  if (locked) Acquire(this, CALLER);
  return locked;
}

void Mutex::Unlock() {
  Release(this, CALLER);
  CallHidden<void>(MUTEX "6UnlockEv", this);
}

void Mutex::ReaderLock() {
  CallHidden<void>(MUTEX "10ReaderLockEv", this);
  Acquire(this, CALLER);
}

void Mutex::ReaderUnlock() {
  Release(this, CALLER);
  CallHidden<void>(MUTEX "12ReaderUnlockEv", this);
}

void Mutex::Await(const Condition& condition) {
  Release(this, CALLER);
  CallHidden<void>(MUTEX "5AwaitERKNS0_9ConditionE", this, &condition);
  Acquire(this, CALLER);
}

bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  Release(this, CALLER);
  const bool holds = CallHidden<bool>(
      MUTEX "16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE", this,
      &condition, timeout);
  Acquire(this, CALLER);
  return holds;
}

bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  Release(this, CALLER);
  const bool holds =
      CallHidden<bool>(MUTEX "17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE",
                       this, &condition, deadline);
  Acquire(this, CALLER);
  return holds;
}

void CondVar::Wait(Mutex* mutex) {
  Release(mutex, CALLER);
  CallHidden<void>(CONDVAR "4WaitEPNS0_5MutexE", this, mutex);
  Acquire(mutex, CALLER);
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  Release(mutex, CALLER);
  const bool timed_out =
      CallHidden<bool>(CONDVAR "15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE",
                       this, mutex, timeout);
  Acquire(mutex, CALLER);
  return timed_out;
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  Release(mutex, CALLER);
  const bool timed_out =
      CallHidden<bool>(CONDVAR "16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE",
                       this, mutex, deadline);
  Acquire(mutex, CALLER);
  return timed_out;
}

void Notification::Notify() {
  Release(this, CALLER);
  CallHidden<void>(NOTIFICATION "6NotifyEv", this);
}

void Notification::WaitForNotification() const {
  // ThreadSanitizer keeps signals back until a thread calls a function that it
  // knows, and Abseil waits in none.
  while (!WaitForNotificationWithTimeout(Milliseconds(20))) usleep(1);
}

bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  const bool notified = CallHidden<bool>(
      CONST_NOTIFICATION "30WaitForNotificationWithTimeoutENS0_8DurationE",
      this, timeout);
  if (notified) Acquire(this, CALLER);
  return notified;
}

}  // namespace absl
