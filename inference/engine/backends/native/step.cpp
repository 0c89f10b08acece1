// One step of a Llama-shaped model for many sequences at once: token ids in, logits out.
//
// Every number of a row is added up in an order that depends on that row alone: products run over
// the inner dimension from first to last, one lane per output, whatever the batch. A sequence gets
// the same bits alone and in a crowd, prompt read in one piece or in many.
//
// The matrices are packed into panels of 32 outputs, which one pass reads from first byte to last.
// bfloat16 is multiplied in pairs (VDPBF16PS) where the processor can, else widened to float32.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <type_traits>
#include <vector>

#include <sched.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

constexpr int LANES = 16;         // floats in a vector
constexpr int PANEL = 2 * LANES;  // outputs of a packed panel
constexpr int MOST_ROWS = 12;     // rows of a tile: 24 sums and 2 weights fit the registers
constexpr int MOST_HEADS = 4;     // query heads that share a pass over the keys

using vec = float __attribute__((vector_size(64)));
using vec_at = float __attribute__((vector_size(64), aligned(4)));
using veci = int32_t __attribute__((vector_size(64)));
using veci_at = int32_t __attribute__((vector_size(64), aligned(2)));
using half = uint16_t;
using halves_at = uint16_t __attribute__((vector_size(32), aligned(2)));

#if defined(__AVX512BF16__)
constexpr bool HAS_PAIRS = true;
#else
constexpr bool HAS_PAIRS = false;
#endif

// How activations are handed to a product with weights of type W.
template <class W> struct Input { using type = float; };
template <> struct Input<half> { using type = std::conditional_t<HAS_PAIRS, half, float>; };
template <class W> using input = typename Input<W>::type;

inline vec load(const float* at) { return *reinterpret_cast<const vec_at*>(at); }
inline void store(float* at, vec value) { *reinterpret_cast<vec_at*>(at) = value; }
inline veci load_pairs(const half* at) { return *reinterpret_cast<const veci_at*>(at); }
inline vec all(float value) { return value - vec{}; }
inline vec low(veci pairs) { return (vec)(pairs << 16); }
inline vec high(veci pairs) { return (vec)(pairs & (int32_t)0xffff0000); }
inline float widened(half value) {
  const uint32_t bits = (uint32_t)value << 16;
  float out;
  std::memcpy(&out, &bits, 4);
  return out;
}
inline float widened(float value) { return value; }

inline half narrowed(float value) {  // to the nearest, ties to even
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  if ((bits & 0x7fffffff) > 0x7f800000) return (half)((bits >> 16) | 64);
  return (half)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}
template <class T> inline T as(float value) {
  if constexpr (std::is_same_v<T, half>) return narrowed(value);
  else return value;
}

// Sixteen numbers of memory as floats.
inline vec widened16(const float* at) { return load(at); }
inline vec widened16(const half* at) {
  return (vec)(__builtin_convertvector(*reinterpret_cast<const halves_at*>(at), veci) << 16);
}

inline float sum(vec values) {
  float total = 0;
  for (int i = 0; i < LANES; ++i) total += values[i];
  return total;
}
inline float largest(vec values) {
  float most = values[0];
  for (int i = 1; i < LANES; ++i) most = values[i] > most ? values[i] : most;
  return most;
}

// e^x by the polynomial of the Cephes library; 0 below the smallest normal number.
inline vec exponential(vec x) {
  const vec least = all(-87.33f);
  const veci is_tiny = x < least;
  x = is_tiny ? least : x;
  const vec scaled = x * 1.44269504088896341f;
  const vec magic = all(12582912.0f);  // 1.5 * 2^23: adding it rounds to a whole number
  const vec whole = (scaled + magic) - magic;
  vec r = x - whole * 0.693359375f;
  r = r - whole * -2.12194440e-4f;
  vec y = all(1.9875691500e-4f);
  y = y * r + 1.3981999507e-3f;
  y = y * r + 8.3334519073e-3f;
  y = y * r + 4.1665795894e-2f;
  y = y * r + 1.6666665459e-1f;
  y = y * r + 5.0000001201e-1f;
  y = y * (r * r) + r + 1.0f;
  const veci power = (__builtin_convertvector(whole, veci) + 127) << 23;
  y = y * (vec)power;
  return is_tiny ? vec{} : y;
}

// ---------------------------------------------------------------------------------------------
// Products

struct Matrix {
  const void* weights;  // packed
  const float* bias;    // or null
  int32_t outputs, inputs;
};

inline int panels(int outputs) { return (outputs + PANEL - 1) / PANEL; }
inline int even(int count) { return (count + 1) & ~1; }
template <class W> inline size_t panel_size(int inputs) { return (size_t)even(inputs) * PANEL; }

// sums[m][j] over `inputs` for M rows and P panels.
template <class W, int M, int P>
inline void multiply(const input<W>* a, size_t stride, const W* w, int inputs, vec (&sums)[M][2 * P]) {
  const size_t size = panel_size<W>(inputs);
  for (auto& row : sums)
    for (auto& one : row) one = vec{};
  if constexpr (std::is_same_v<W, float>) {
    for (int k = 0; k < inputs; ++k) {
      vec weight[2 * P];
      for (int j = 0; j < 2 * P; ++j) weight[j] = load(w + (j / 2) * size + k * PANEL + (j % 2) * LANES);
      for (int m = 0; m < M; ++m) {
        const vec value = all(a[m * stride + k]);
        for (int j = 0; j < 2 * P; ++j) sums[m][j] += value * weight[j];
      }
    }
  } else {
    for (int k = 0; k < inputs; k += 2) {
      veci weight[2 * P];
      for (int j = 0; j < 2 * P; ++j)
        weight[j] = load_pairs(w + (j / 2) * size + k * PANEL + (j % 2) * PANEL);
      for (int m = 0; m < M; ++m) {
#if defined(__AVX512BF16__)
        int32_t pair;
        std::memcpy(&pair, a + m * stride + k, 4);
        const __m512bh value = (__m512bh)_mm512_set1_epi32(pair);
        for (int j = 0; j < 2 * P; ++j)
          sums[m][j] = (vec)_mm512_dpbf16_ps((__m512)sums[m][j], (__m512bh)weight[j], value);
#else
        const vec first = all(a[m * stride + k]), second = all(a[m * stride + k + 1]);
        for (int j = 0; j < 2 * P; ++j) {
          sums[m][j] += first * low(weight[j]);
          sums[m][j] += second * high(weight[j]);
        }
#endif
      }
    }
  }
}

enum class End { store, add, gate, logits };

struct Output {
  float* floats;  // store, add, logits
  void* gated;    // gate: activations for the next product
  size_t stride;
};

template <class W, End E>
inline void finish(const Matrix& matrix, const float* sums, int row, int panel, const Output& out) {
  const int first = panel * PANEL;
  const int count = std::min(PANEL, matrix.outputs - first);
  float values[PANEL];
  for (int i = 0; i < PANEL; ++i) values[i] = sums[i];
  if (matrix.bias)
    for (int i = 0; i < count; ++i) values[i] += matrix.bias[first + i];
  if constexpr (E == End::gate) {
    // A panel holds sixteen gates and the sixteen values they belong to.
    const vec gate = load(values), up = load(values + LANES);
    const vec gated = gate / (1.0f + exponential(-gate)) * up;
    auto* to = static_cast<input<W>*>(out.gated) + row * out.stride + panel * LANES;
    for (int i = 0; i < LANES; ++i) to[i] = as<input<W>>(gated[i]);
  } else {
    float* to = out.floats + row * out.stride + first;
    if constexpr (E == End::add)
      for (int i = 0; i < count; ++i) to[i] += values[i];
    else
      for (int i = 0; i < count; ++i) to[i] = values[i];
  }
}

template <class W, End E, int M, int P>
void tile(const Matrix& matrix, const input<W>* a, size_t stride, int row, int panel, const Output& out) {
  vec sums[M][2 * P];
  const W* w = static_cast<const W*>(matrix.weights) + panel * panel_size<W>(matrix.inputs);
  multiply<W, M, P>(a + row * stride, stride, w, matrix.inputs, sums);
  for (int m = 0; m < M; ++m)
    for (int p = 0; p < P; ++p)
      finish<W, E>(matrix, reinterpret_cast<float*>(&sums[m][2 * p]), row + m, panel + p, out);
}

// Rows row..row+count of the outputs of one panel.
template <class W, End E>
void one_panel(const Matrix& x, const input<W>* a, size_t s, int row, int count, int p, const Output& o) {
  switch (count) {
    case 1: return tile<W, E, 1, 1>(x, a, s, row, p, o);
    case 2: return tile<W, E, 2, 1>(x, a, s, row, p, o);
    case 3: return tile<W, E, 3, 1>(x, a, s, row, p, o);
    case 4: return tile<W, E, 4, 1>(x, a, s, row, p, o);
    case 5: return tile<W, E, 5, 1>(x, a, s, row, p, o);
    case 6: return tile<W, E, 6, 1>(x, a, s, row, p, o);
    case 7: return tile<W, E, 7, 1>(x, a, s, row, p, o);
    case 8: return tile<W, E, 8, 1>(x, a, s, row, p, o);
    case 9: return tile<W, E, 9, 1>(x, a, s, row, p, o);
    case 10: return tile<W, E, 10, 1>(x, a, s, row, p, o);
    case 11: return tile<W, E, 11, 1>(x, a, s, row, p, o);
    default: return tile<W, E, 12, 1>(x, a, s, row, p, o);
  }
}

// The outputs of panels first..last for all rows; few rows read several panels at a time, so that
// there are enough sums in flight and enough memory on its way.
template <class W, End E>
void product(const Matrix& x, const input<W>* a, size_t s, int rows, int first, int last, const Output& o) {
  int p = first;
  if (rows <= 3) {
    for (; p + 4 <= last; p += 4) switch (rows) {
        case 1: tile<W, E, 1, 4>(x, a, s, 0, p, o); break;
        case 2: tile<W, E, 2, 4>(x, a, s, 0, p, o); break;
        default: tile<W, E, 3, 4>(x, a, s, 0, p, o);
      }
  } else if (rows <= 6) {
    for (; p + 2 <= last; p += 2) switch (rows) {
        case 4: tile<W, E, 4, 2>(x, a, s, 0, p, o); break;
        case 5: tile<W, E, 5, 2>(x, a, s, 0, p, o); break;
        default: tile<W, E, 6, 2>(x, a, s, 0, p, o);
      }
  }
  const int tiles = (rows + MOST_ROWS - 1) / MOST_ROWS;
  for (; p < last; ++p)
    for (int t = 0; t < tiles; ++t) {
      const int from = (int)((int64_t)rows * t / tiles), to = (int)((int64_t)rows * (t + 1) / tiles);
      one_panel<W, E>(x, a, s, from, to - from, p, o);
    }
}

// ---------------------------------------------------------------------------------------------
// The crew: threads that run the same step together

class Crew {
 public:
  explicit Crew(int count) : count_(count) {
    for (int i = 1; i < count; ++i) threads_.emplace_back([this, i] { serve(i); });
  }
  ~Crew() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      is_over_ = true;
      round_.fetch_add(1);
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  // Runs work(i) on every thread, the calling one included, and returns when all are done.
  template <class Work> void run(Work&& work) {
    if (count_ == 1) return work(0);
    struct Call { static void go(void* w, int i) { (*static_cast<std::remove_reference_t<Work>*>(w))(i); } };
    work_ = &work;
    call_ = &Call::go;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      round_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    work(0);
    meet();
  }

  // Every thread waits here for the others.
  void meet() {
    if (count_ == 1) return;
    const uint32_t turn = turn_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == count_) {
      arrived_.store(0, std::memory_order_relaxed);
      next_.store(0, std::memory_order_relaxed);
      turn_.store(turn + 1, std::memory_order_release);
    } else {
      for (int i = 0; turn_.load(std::memory_order_acquire) == turn; ++i) pause(i);
    }
  }

  // Calls work(from, to) for pieces of 0..total until none is left, then waits for the others.
  template <class Work> void share(int total, int piece, Work&& work) {
    if (count_ == 1) {
      if (total) work(0, total);
      return;
    }
    for (int from; (from = next_.fetch_add(piece, std::memory_order_relaxed)) < total;)
      work(from, std::min(total, from + piece));
    meet();
  }

  int count() const { return count_; }

 private:
  static void pause(int i) {
    if (i > 4000) {
      sched_yield();
      return;
    }
#if defined(__x86_64__)
    _mm_pause();
#endif
  }

  void serve(int number) {
    uint32_t seen = 0;
    while (true) {
      for (int i = 0; i < 2000 && round_.load(std::memory_order_acquire) == seen; ++i) pause(0);
      if (round_.load(std::memory_order_acquire) == seen) {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [&] { return round_.load(std::memory_order_relaxed) != seen; });
      }
      seen = round_.load(std::memory_order_acquire);
      if (is_over_) return;
      call_(work_, number);
      meet();
    }
  }

  const int count_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<uint32_t> round_{0}, turn_{0};
  std::atomic<int> arrived_{0}, next_{0};
  bool is_over_ = false;
  void* work_ = nullptr;
  void (*call_)(void*, int) = nullptr;
};

}  // namespace

// ---------------------------------------------------------------------------------------------
// The model, as Python describes it

extern "C" {

struct Layer {
  const float *before, *after;    // RMSNorm weights before attention and before the gated layer
  const float *query, *key;       // RMSNorm weights of each head, or null
  Matrix qkv, out, gate, down;
  void *keys, *values;            // memory: see row_of and Memory
  int32_t window;                 // how many tokens back a query sees; 0 for all
};

struct Model {
  int32_t layers, width, heads, key_heads, head_width, inner, vocabulary;
  int32_t positions;              // per row of the memory, a multiple of 16
  int32_t is_half, is_tied, threads;
  float epsilon, scale;
  const float *cosines, *sines;   // positions x head_width / 2
  const void* embedding;          // vocabulary x width, null if tied
  const float* norm;
  Matrix head;
  const Layer* layer;
};

}  // extern "C"

namespace {

inline int padded(int width) { return (width + LANES - 1) / LANES * LANES; }

// Memory of one layer: for each row and key head, keys in blocks of sixteen positions
// [dimension][position] (bfloat16: [pair of dimensions][position][2]), values position by position.
template <class T> struct Memory {
  T *keys, *values;
  size_t key_size, value_size;  // per head
  int key_width, value_width;

  Memory(const Model& m, const Layer& layer)
      : keys(static_cast<T*>(layer.keys)), values(static_cast<T*>(layer.values)),
        key_width(even(m.head_width)), value_width(padded(m.head_width)) {
    key_size = (size_t)m.positions * key_width;
    value_size = (size_t)m.positions * value_width;
  }
  T* block(size_t head, int position) const {
    return keys + head * key_size + (size_t)(position / LANES) * LANES * key_width;
  }
  void write_key(size_t head, int position, const float* key, int width) const {
    T* to = block(head, position);
    const int lane = position % LANES;
    for (int d = 0; d < width; ++d) {
      if constexpr (std::is_same_v<T, float>) to[d * LANES + lane] = key[d];
      else to[(d / 2) * 2 * LANES + 2 * lane + d % 2] = narrowed(key[d]);
    }
  }
  void write_value(size_t head, int position, const float* value, int width) const {
    T* to = values + head * value_size + (size_t)position * value_width;
    for (int d = 0; d < width; ++d) to[d] = as<T>(value[d]);
  }
};

template <class T> class Step {
  using In = input<T>;

 public:
  explicit Step(const Model& model) : crew(model.threads), m(model) {}

  Crew crew;

  void run(int count, const int32_t* tokens, const int32_t* rows, const int32_t* positions, int wanted,
           const int32_t* which, float* logits) {
    prepare(count, wanted);
    crew.run([&](int number) { work(number, count, tokens, rows, positions, wanted, which, logits); });
  }

 private:
  const Model& m;
  int capacity = 0;
  size_t normal_stride = 0, heads_stride = 0, gated_stride = 0, qkv_stride = 0;
  std::vector<float> stream, qkv;
  std::vector<In> normal, attended, gated, last;
  std::vector<std::vector<float>> scores, queries;

  void prepare(int count, int wanted) {
    if (scores.empty()) {
      scores.resize(m.threads);
      queries.resize(m.threads);
      for (auto& one : scores) one.resize((size_t)MOST_HEADS * m.positions);
      for (auto& one : queries) one.resize((size_t)MOST_HEADS * even(m.head_width));
    }
    if (last.size() < (size_t)wanted * even(m.width)) last.resize((size_t)wanted * even(m.width));
    if (count <= capacity) return;
    capacity = count;
    normal_stride = even(m.width);
    heads_stride = even(m.heads * m.head_width);
    gated_stride = padded(m.inner);
    qkv_stride = (size_t)(m.heads + 2 * m.key_heads) * m.head_width;
    stream.assign((size_t)count * m.width, 0);
    qkv.assign(count * qkv_stride, 0);
    normal.assign(count * normal_stride, 0);
    attended.assign(count * heads_stride, 0);
    gated.assign(count * gated_stride, 0);
  }

  void work(int number, int count, const int32_t* tokens, const int32_t* rows, const int32_t* positions,
            int wanted, const int32_t* which, float* logits) {
    crew.share(count, 4, [&](int from, int to) {
      for (int t = from; t < to; ++t) embed(tokens[t], &stream[(size_t)t * m.width]);
    });
    for (int l = 0; l < m.layers; ++l) {
      const Layer& layer = m.layer[l];
      const Memory<T> memory(m, layer);
      normalise(count, layer.before);
      multiply_by<End::store>(layer.qkv, normal.data(), normal_stride, count, {qkv.data(), nullptr, qkv_stride});
      crew.share(count, 4, [&](int from, int to) {
        for (int t = from; t < to; ++t) remember(layer, memory, t, rows[t], positions[t]);
      });
      crew.share(count * m.key_heads, 1, [&](int from, int to) {
        for (int i = from; i < to; ++i) {
          const int t = i / m.key_heads;
          attend(number, layer, memory, t, rows[t], positions[t], i % m.key_heads);
        }
      });
      multiply_by<End::add>(layer.out, attended.data(), heads_stride, count, {stream.data(), nullptr, (size_t)m.width});
      normalise(count, layer.after);
      multiply_by<End::gate>(layer.gate, normal.data(), normal_stride, count, {nullptr, gated.data(), gated_stride});
      multiply_by<End::add>(layer.down, gated.data(), gated_stride, count, {stream.data(), nullptr, (size_t)m.width});
    }
    if (!wanted) return;
    crew.share(wanted, 4, [&](int from, int to) {
      for (int i = from; i < to; ++i)
        normalised(&stream[(size_t)which[i] * m.width], m.norm, &last[i * normal_stride]);
    });
    multiply_by<End::logits>(m.head, last.data(), normal_stride, wanted, {logits, nullptr, (size_t)m.vocabulary});
  }

  template <End E> void multiply_by(const Matrix& matrix, const In* a, size_t stride, int count, Output out) {
    const int total = panels(matrix.outputs);
    const int piece = std::max(1, std::min(16, total / (4 * crew.count())) & ~3);
    crew.share(total, std::max(piece, count <= 3 ? 4 : 1), [&](int from, int to) {
      product<T, E>(matrix, a, stride, count, from, to, out);
    });
  }

  void embed(int token, float* to) const {
    if (!m.is_tied) {
      const T* from = static_cast<const T*>(m.embedding) + (size_t)token * m.width;
      for (int d = 0; d < m.width; ++d) to[d] = widened(from[d]);
      return;
    }
    const T* panel = static_cast<const T*>(m.head.weights) + token / PANEL * panel_size<T>(m.width);
    const int lane = token % PANEL;
    for (int d = 0; d < m.width; ++d) {
      if constexpr (std::is_same_v<T, float>) to[d] = panel[(size_t)d * PANEL + lane];
      else to[d] = widened(panel[(size_t)(d / 2) * 2 * PANEL + 2 * lane + d % 2]);
    }
  }

  void normalise(int count, const float* weights) {
    crew.share(count, 4, [&](int from, int to) {
      for (int t = from; t < to; ++t)
        normalised(&stream[(size_t)t * m.width], weights, &normal[t * normal_stride]);
    });
  }

  float root(const float* x, int width) const {
    vec squares{};
    int d = 0;
    for (; d + LANES <= width; d += LANES) squares += load(x + d) * load(x + d);
    float total = sum(squares);
    for (; d < width; ++d) total += x[d] * x[d];
    return 1.0f / std::sqrt(total / width + m.epsilon);
  }

  void normalised(const float* x, const float* weights, In* to) const {
    const float factor = root(x, m.width);
    for (int d = 0; d < m.width; ++d) to[d] = as<In>(x[d] * factor * weights[d]);
  }

  // Norm of a head if the model has one, then the rotation by the position, in place.
  void turn(float* head, const float* weights, int position) const {
    const int width = m.head_width, pairs = width / 2;
    if (weights) {
      const float factor = root(head, width);
      for (int d = 0; d < width; ++d) head[d] = head[d] * factor * weights[d];
    }
    const float *c = m.cosines + (size_t)position * pairs, *s = m.sines + (size_t)position * pairs;
    for (int d = 0; d < pairs; ++d) {
      const float a = head[d], b = head[d + pairs];
      head[d] = a * c[d] - b * s[d];
      head[d + pairs] = b * c[d] + a * s[d];
    }
  }

  void remember(const Layer& layer, const Memory<T>& memory, int t, int row, int position) {
    float* at = &qkv[t * qkv_stride];
    for (int h = 0; h < m.heads; ++h) turn(at + h * m.head_width, layer.query, position);
    float* key = at + (size_t)m.heads * m.head_width;
    float* value = key + (size_t)m.key_heads * m.head_width;
    for (int h = 0; h < m.key_heads; ++h) {
      turn(key + h * m.head_width, layer.key, position);
      const size_t head = (size_t)row * m.key_heads + h;
      memory.write_key(head, position, key + h * m.head_width, m.head_width);
      memory.write_value(head, position, value + h * m.head_width, m.head_width);
    }
  }

  void attend(int number, const Layer& layer, const Memory<T>& memory, int t, int row, int position, int h) {
    const int group = m.heads / m.key_heads;
    const int first = layer.window ? std::max(0, position - layer.window + 1) : 0;
    const size_t head = (size_t)row * m.key_heads + h;
    for (int g = 0; g < group; g += MOST_HEADS) {
      const float* query = &qkv[t * qkv_stride] + (size_t)(h * group + g) * m.head_width;
      In* to = &attended[t * heads_stride] + (size_t)(h * group + g) * m.head_width;
      switch (std::min(MOST_HEADS, group - g)) {
        case 1: attend_to<1>(number, memory, head, first, position, query, to); break;
        case 2: attend_to<2>(number, memory, head, first, position, query, to); break;
        case 3: attend_to<3>(number, memory, head, first, position, query, to); break;
        default: attend_to<4>(number, memory, head, first, position, query, to);
      }
    }
  }

  // Softmax attention of G query heads of one token over the positions first..last of one head.
  template <int G>
  void attend_to(int number, const Memory<T>& memory, size_t head, int first, int last, const float* query, In* to) {
    const int width = m.head_width, from = first / LANES * LANES;
    const int span = (last - from) / LANES * LANES + LANES;
    float* score = scores[number].data();
    In* q = reinterpret_cast<In*>(queries[number].data());
    for (int g = 0; g < G; ++g) {
      for (int d = 0; d < width; ++d) q[g * memory.key_width + d] = as<In>(query[g * width + d] * m.scale);
      if (width % 2) q[g * memory.key_width + width] = 0;
    }
    for (int p = 0; p < span; p += LANES) {
      vec sums[G] = {};
      score_block<G>(memory.block(head, from + p), q, memory.key_width, sums);
      for (int g = 0; g < G; ++g) store(score + g * m.positions + p, sums[g]);
    }
    float factor[G];
    for (int g = 0; g < G; ++g)
      factor[g] = 1.0f / weigh(score + g * m.positions, span, first - from, last - from);
    const T* values = memory.values + head * memory.value_size + (size_t)from * memory.value_width;
    const int begin = first - from, end = last - from;
    for (int d = 0; d < width; d += 4 * LANES) {
      const int vectors = std::min(4, (width - d + LANES - 1) / LANES);
      switch (vectors) {
        case 1: blend<G, 1>(values + d, memory.value_width, score, begin, end, factor, to + d, width, d); break;
        case 2: blend<G, 2>(values + d, memory.value_width, score, begin, end, factor, to + d, width, d); break;
        case 3: blend<G, 3>(values + d, memory.value_width, score, begin, end, factor, to + d, width, d); break;
        default: blend<G, 4>(values + d, memory.value_width, score, begin, end, factor, to + d, width, d);
      }
    }
  }

  template <int G> static void score_block(const T* block, const In* q, int width, vec (&sums)[G]) {
    if constexpr (std::is_same_v<T, float>) {
      for (int d = 0; d < width; ++d) {
        const vec keys = load(block + d * LANES);
        for (int g = 0; g < G; ++g) sums[g] += all(q[g * width + d]) * keys;
      }
    } else {
      for (int d = 0; d < width; d += 2) {
        const veci keys = load_pairs(block + d * LANES);
        for (int g = 0; g < G; ++g) {
#if defined(__AVX512BF16__)
          int32_t pair;
          std::memcpy(&pair, q + g * width + d, 4);
          sums[g] = (vec)_mm512_dpbf16_ps((__m512)sums[g], (__m512bh)keys, (__m512bh)_mm512_set1_epi32(pair));
#else
          sums[g] += all(q[g * width + d]) * low(keys);
          sums[g] += all(q[g * width + d + 1]) * high(keys);
#endif
        }
      }
    }
  }

  // Scores become e^(score - largest), those outside first..last nothing; returns their sum.
  static float weigh(float* score, int span, int first, int last) {
    for (int p = 0; p < first; ++p) score[p] = -INFINITY;
    for (int p = last + 1; p < span; ++p) score[p] = -INFINITY;
    vec most = load(score);
    for (int p = LANES; p < span; p += LANES) {
      const vec here = load(score + p);
      most = here > most ? here : most;
    }
    const vec top = all(largest(most));
    vec total{};
    for (int p = 0; p < span; p += LANES) {
      const vec weight = exponential(load(score + p) - top);
      store(score + p, weight);
      total += weight;
    }
    return sum(total);
  }

  template <int G, int V>
  void blend(const T* values, int stride, const float* score, int first, int last, const float* factor, In* to,
             int width, int offset) const {
    vec sums[G][V] = {};
    for (int p = first; p <= last; ++p) {
      const T* at = values + (size_t)p * stride;
      vec value[V];
      for (int v = 0; v < V; ++v) value[v] = widened16(at + v * LANES);
      for (int g = 0; g < G; ++g) {
        const vec weight = all(score[g * m.positions + p]);
        for (int v = 0; v < V; ++v) sums[g][v] += weight * value[v];
      }
    }
    for (int g = 0; g < G; ++g)
      for (int v = 0; v < V; ++v) {
        const int count = std::min(LANES, width - offset - v * LANES);
        for (int i = 0; i < count; ++i)
          to[(size_t)g * width + v * LANES + i] = as<In>(sums[g][v][i] * factor[g]);
      }
  }
};

struct Handle {
  Model model;
  std::unique_ptr<Step<float>> whole;
  std::unique_ptr<Step<half>> halves;
};

template <class T> void pack(const T* from, int outputs, int inputs, T* to) {
  const size_t size = panel_size<T>(inputs);
  for (int panel = 0; panel < panels(outputs); ++panel)
    for (int lane = 0; lane < PANEL; ++lane) {
      const int output = panel * PANEL + lane;
      for (int k = 0; k < even(inputs); ++k) {
        const T value = output < outputs && k < inputs ? from[(size_t)output * inputs + k] : T{};
        if constexpr (std::is_same_v<T, float>) to[panel * size + (size_t)k * PANEL + lane] = value;
        else to[panel * size + (size_t)(k / 2) * 2 * PANEL + 2 * lane + k % 2] = value;
      }
    }
}

// ---------------------------------------------------------------------------------------------
// Drawing

constexpr int BUCKETS = 1024;      // of the distance to the best score, each 1/32 wide
constexpr int MOST_SHOWN = 20;

}  // namespace

extern "C" {

struct Dice {  // how to draw one token
  float temperature, top_p, min_p;
  int32_t top_k, shown;
  double number;  // in [0, 1)
};

struct Token {  // what was drawn; a logprob that is not finite says that the logits were not
  int32_t id, rank;
  float logprob;
  float floor;  // the least weight e^((score - best) / temperature) that could be drawn
  float best;
  double mass;  // of all the weights from there on
  int32_t shown_ids[MOST_SHOWN];
  float shown_logprobs[MOST_SHOWN];
};

}  // extern "C"

namespace {

struct Scratch {
  std::vector<float> weights, bucket;
  std::vector<double> mass;
  std::vector<int32_t> counts;
};

inline float most_of(const float* x, int count) {
  float most = -INFINITY;
  for (int i = 0; i < count; ++i) most = x[i] > most ? x[i] : most;
  return most;
}

// Sum of e^((x - best) * factor), which are kept in `weights`.
inline double weigh_all(const float* x, int count, float best, float factor, float* weights) {
  double total = 0;
  int i = 0;
  for (; i + LANES <= count; i += LANES) {
    const vec here = exponential((load(x + i) - best) * factor);
    store(weights + i, here);
    total += sum(here);
  }
  for (; i < count; ++i) total += weights[i] = std::exp((x[i] - best) * factor);
  return total;
}

// The weights of one bucket, largest first.
void gather(Scratch& s, const float* scores, int count, float best, float factor, int wanted) {
  s.bucket.clear();
  for (int i = 0; i < count; ++i) {
    const float distance = (best - scores[i]) * factor * 32;
    const int bucket = distance < BUCKETS - 1 ? (int)distance : BUCKETS - 1;
    if (bucket == wanted) s.bucket.push_back(s.weights[i]);
  }
  std::sort(s.bucket.begin(), s.bucket.end(), [](float a, float b) { return a > b; });
}

// The least weight inside of top_k and top_p. Buckets are filled first, so that only one of them
// has to be sorted.
float floor_of(Scratch& s, const float* scores, int count, float best, float factor, const Dice& dice) {
  const bool has_k = dice.top_k > 0 && dice.top_k < count, has_p = dice.top_p < 1;
  if (!has_k && !has_p) return 0;
  s.mass.assign(BUCKETS, 0);
  s.counts.assign(BUCKETS, 0);
  for (int i = 0; i < count; ++i) {
    const float distance = (best - scores[i]) * factor * 32;
    const int bucket = distance < BUCKETS - 1 ? (int)distance : BUCKETS - 1;
    s.mass[bucket] += s.weights[i];
    ++s.counts[bucket];
  }
  float floor = 0;
  double whole = 0;
  for (const double mass : s.mass) whole += mass;
  if (has_k) {
    int at = 0, above = 0;
    double mass = 0;
    while (above + s.counts[at] < dice.top_k) {
      above += s.counts[at];
      mass += s.mass[at++];
    }
    gather(s, scores, count, best, factor, at);
    for (int i = 0; i < dice.top_k - above; ++i) mass += floor = s.bucket[i];
    whole = mass;
  }
  if (has_p) {
    const double goal = dice.top_p * whole;
    int at = 0;
    double mass = 0;
    while (at < BUCKETS - 1 && mass + s.mass[at] < goal) mass += s.mass[at++];
    gather(s, scores, count, best, factor, at);
    float least = s.bucket.empty() ? 0 : s.bucket.back();
    for (const float weight : s.bucket)
      if ((mass += weight) >= goal) {
        least = weight;
        break;
      }
    floor = std::max(floor, least);
  }
  return floor;
}

int32_t drawn_of(Scratch& s, const float* scores, int count, const Dice& dice, Token& token) {
  const float best = most_of(scores, count);
  token.best = best;
  token.floor = 0;
  token.mass = 1;
  if (dice.temperature == 0) {
    for (int i = 0; i < count; ++i)
      if (scores[i] == best) return i;
    return 0;
  }
  const float factor = std::min(1.0f / dice.temperature, 1e30f);
  weigh_all(scores, count, best, factor, s.weights.data());
  token.floor = std::max(floor_of(s, scores, count, best, factor, dice), dice.min_p);
  double mass = 0;
  for (int i = 0; i < count; ++i)
    if (s.weights[i] >= token.floor) mass += s.weights[i];
  token.mass = mass;
  const double mark = dice.number * mass;
  int32_t last = 0;
  double passed = 0;
  for (int i = 0; i < count; ++i) {
    if (s.weights[i] < token.floor || s.weights[i] == 0) continue;
    last = i;
    if ((passed += s.weights[i]) > mark) break;
  }
  return last;
}

void draw_row(Scratch& s, const float* logits, const float* scores, int count, const Dice& dice, Token& token) {
  s.weights.resize(count + LANES);
  const float best = most_of(logits, count);
  const double total = weigh_all(logits, count, best, 1.0f, s.weights.data());
  const float normaliser = best + (float)std::log(total);
  token.id = 0;
  token.rank = 1;
  if (!std::isfinite(normaliser)) {
    token.logprob = NAN;
    return;
  }
  int shown = 0;
  for (int i = 0; i < count && dice.shown; ++i) {
    if (shown == dice.shown && !(logits[i] > logits[token.shown_ids[shown - 1]])) continue;
    int at = shown < dice.shown ? shown++ : shown - 1;
    for (; at > 0 && logits[i] > logits[token.shown_ids[at - 1]]; --at)
      token.shown_ids[at] = token.shown_ids[at - 1];
    token.shown_ids[at] = i;
  }
  for (int i = 0; i < shown; ++i) token.shown_logprobs[i] = logits[token.shown_ids[i]] - normaliser;
  token.id = drawn_of(s, scores, count, dice, token);
  const float own = logits[token.id];
  int better = 0;
  for (int i = 0; i < count; ++i) better += logits[i] > own;
  token.rank = better + 1;
  token.logprob = own - normaliser;
}

}  // namespace

extern "C" {

// Draws a token for each row of scores (rows x vocabulary); probabilities and ranks are those of
// the logits, which the scores are too where nothing was added or subtracted. The threads of the
// model take part, if there is one.
void draw_tokens(void* handle, int32_t rows, int32_t vocabulary, const float* logits, const float* scores,
                 const Dice* dice, Token* tokens) {
  auto work = [&](int from, int to) {
    static thread_local Scratch scratch;
    for (int row = from; row < to; ++row) {
      const size_t at = (size_t)row * vocabulary;
      draw_row(scratch, logits + at, scores + at, vocabulary, dice[row], tokens[row]);
    }
  };
  auto* h = static_cast<Handle*>(handle);
  Crew* crew = !h ? nullptr : h->halves ? &h->halves->crew : &h->whole->crew;
  if (!crew || rows == 1) return work(0, rows);
  crew->run([&](int) { crew->share(rows, 1, work); });
}

// Bytes of a packed matrix.
int64_t packed_size(int32_t outputs, int32_t inputs, int32_t is_half) {
  return (int64_t)panels(outputs) * even(inputs) * PANEL * (is_half ? 2 : 4);
}

// Packs a row-major matrix (outputs x inputs).
void pack_matrix(const void* from, int32_t outputs, int32_t inputs, int32_t is_half, void* to) {
  if (is_half) pack(static_cast<const half*>(from), outputs, inputs, static_cast<half*>(to));
  else pack(static_cast<const float*>(from), outputs, inputs, static_cast<float*>(to));
}

int32_t multiplies_pairs() { return HAS_PAIRS; }

void* open_model(const Model* model) {
  auto* handle = new (std::nothrow) Handle{*model, nullptr, nullptr};
  if (!handle) return nullptr;
  if (model->is_half) handle->halves = std::make_unique<Step<half>>(handle->model);
  else handle->whole = std::make_unique<Step<float>>(handle->model);
  return handle;
}

void close_model(void* handle) { delete static_cast<Handle*>(handle); }

// `count` tokens, each appended to a row of the memory at a position; logits (wanted x vocabulary)
// after those numbered in `which`.
void step(void* handle, int32_t count, const int32_t* tokens, const int32_t* rows, const int32_t* positions,
          int32_t wanted, const int32_t* which, float* logits) {
  auto* h = static_cast<Handle*>(handle);
  if (h->halves) h->halves->run(count, tokens, rows, positions, wanted, which, logits);
  else h->whole->run(count, tokens, rows, positions, wanted, which, logits);
}

}  // extern "C"
