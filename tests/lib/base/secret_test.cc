#include "lib/base/secret.h"

#include <malloc.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <ostream>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "lib/base/hashed_token.h"

namespace mentiond {
namespace {

// In pieces, so that the program holds it nowhere but where a test puts it.
constexpr std::string_view kHead = "ghp_0123456789";
constexpr std::string_view kTail = "abcdefghijklmnopqrstuvwxyz";

std::string Token() {
  std::string token;
  token.reserve(kHead.size() + kTail.size());
  token.append(kHead).append(kTail);
  return token;  // moved out: no copy of it is freed
}

// How many blocks went back to the allocator with the token's tail in them.
int leaky_frees = 0;
bool watching_frees = false;

void Inspect(void* block) {
  if (!watching_frees || block == nullptr) return;
  const size_t size = malloc_usable_size(block);
  if (memmem(block, size, kTail.data(), kTail.size()) != nullptr) {
    ++leaky_frees;
  }
}

// How many blocks `use` frees with the token's tail still readable in them.
int LeaksOf(const std::function<void()>& use) {
  leaky_frees = 0;
  watching_frees = true;
  use();
  watching_frees = false;
  return leaky_frees;
}

}  // namespace
}  // namespace mentiond

// The program's allocator, so that a test can look at memory as it is freed
// (afterwards it may not).
void* operator new(size_t size) {
  if (void* block = std::malloc(size)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept {
  mentiond::Inspect(block);
  std::free(block);
}
void operator delete(void* block, size_t) noexcept { operator delete(block); }

namespace mentiond {
namespace {

template <typename T>
concept Streamable =
    requires(std::ostream& out, const T& value) { out << value; };
template <typename T>
concept Concatenable = requires(const T& value) { absl::StrCat(value); };
static_assert(Streamable<std::string> && Concatenable<std::string>,
              "the concepts can be satisfied");

// Not printed by accident, however it is handed on.
static_assert(!Streamable<Secret>);
static_assert(!Concatenable<Secret>);
template <typename... T>
constexpr bool kConvertsToAny = (std::is_convertible_v<Secret, T> || ...);
static_assert(!kConvertsToAny<std::string, std::string_view, absl::string_view,
                              const char*, bool>);
static_assert(!std::is_constructible_v<std::string, Secret>);
// Not made by accident either: a token is named as such where it comes in.
static_assert(!std::is_convertible_v<std::string, Secret>);
static_assert(!std::is_convertible_v<const char*, Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);
static_assert(std::is_nothrow_move_assignable_v<Secret>);

TEST(SecretTest, HoldsItsValueForTheOneWhoPutsItOnTheWire) {
  const Secret secret(Token());
  EXPECT_EQ(secret.Expose(), Token());
  EXPECT_FALSE(secret.empty());
  EXPECT_TRUE(Secret().empty());
  EXPECT_TRUE(Secret("").empty());
}

TEST(SecretTest, ItAndItsFingerprintCompareByValue) {
  EXPECT_TRUE(Secret(Token()) == Secret(Token()));
  EXPECT_FALSE(Secret(Token()) == Secret("another"));
  EXPECT_EQ(Secret(Token()).Fingerprint(), Secret(Token()).Fingerprint());
  EXPECT_NE(Secret(Token()).Fingerprint(), Secret("another").Fingerprint());
}

TEST(SecretTest, ItsHashIsWhatGitHubsAuditLogShows) {
  // printf %s ghp_test | openssl sha256 -binary | base64
  EXPECT_EQ(HashedToken(Secret("ghp_test")),
            "jyP0I6iV5omCwAh4qVQsEBsWtkC5bIKMcczFc20Gdco=");
  EXPECT_EQ(HashedToken(Secret()), "-");
}

TEST(SecretTest, ACopyIsItsOwnAndAMovedFromSecretIsEmpty) {
  auto original = std::make_unique<Secret>(Token());
  Secret copy = *original;
  original.reset();
  EXPECT_EQ(copy.Expose(), Token());

  const Secret to = std::move(copy);
  EXPECT_EQ(to.Expose(), Token());
  EXPECT_TRUE(copy.empty());  // NOLINT(bugprone-use-after-move)
}

TEST(SecretTest, AssignmentToItselfChangesNothing) {
  Secret secret(Token());
  Secret& same = secret;
  secret = same;
  EXPECT_EQ(secret.Expose(), Token());
  secret = std::move(same);
  EXPECT_EQ(secret.Expose(), Token());
}

TEST(SecretTest, ItsMemoryIsOverwrittenHoweverItEnds) {
  EXPECT_GT(LeaksOf([] { const std::string plain = Token(); }), 0)
      << "an ordinary string's remains are seen";

  EXPECT_EQ(LeaksOf([] { const Secret secret(Token()); }), 0);
  EXPECT_EQ(LeaksOf([] {
              const Secret secret(Token());
              const Secret copy = secret;  // NOLINT(performance-*)
            }),
            0);
  EXPECT_EQ(LeaksOf([] {
              Secret first(Token());
              Secret second(std::move(first));
              Secret third(std::string(100, 'x'));
              third = std::move(second);
              EXPECT_EQ(third.Expose().size(), kHead.size() + kTail.size());
            }),
            0);
  // A value of any length assigned to it leaves nothing of it.
  for (const size_t size : {0, 5, 1000}) {
    const Secret other(std::string(size, 'x'));
    EXPECT_EQ(LeaksOf([&] {
                Secret secret(Token());
                secret = other;
                EXPECT_EQ(secret.Expose().size(), size);
              }),
              0)
        << size;
  }
}

TEST(SecretTest, AValueShortEnoughToLieInTheObjectIsOverwrittenToo) {
  alignas(Secret) std::array<char, sizeof(Secret)> place{};
  constexpr std::string_view kShort = "hunter2";
  auto* secret = new (place.data()) Secret(std::string(kShort));
  ASSERT_NE(memmem(place.data(), place.size(), kShort.data(), kShort.size()),
            nullptr)
      << "it lies in the object";

  secret->~Secret();

  // Through volatile: these bytes are no object's any more.
  std::string remains;
  for (const volatile char& byte : place) remains.push_back(byte);
  EXPECT_EQ(remains.find(kShort), std::string::npos);
}

}  // namespace
}  // namespace mentiond
