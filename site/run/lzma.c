// Unpacks LZMA, after the specification of Igor Pavlov (LzmaSpec, in the public domain):
//
//	clang-16 --target=wasm32 -O2 -nostdlib -Wl,--no-entry,--strip-all -o lzma.wasm lzma.c
//
// The whole output is the dictionary. One call unpacks what Python's lzma writes as FORMAT_RAW
// with the filter LZMA1.
typedef unsigned char byte;
typedef unsigned short prob;
typedef unsigned int u32;

enum { LC = 3, PB = 2, STATES = 12 };

static struct {
  prob match[STATES][1 << PB], rep[STATES], rep0[STATES], rep0long[STATES][1 << PB], rep1[STATES], rep2[STATES];
  prob slot[4][64], special[115], align[16], literal[1 << LC][0x300];
  struct { prob choice, choice2, low[1 << PB][8], mid[1 << PB][8], high[256]; } length, repeat;
} p;

static const byte *in, *end;
static u32 range, code;
static int bad;

static inline void normalize(void) {
  if (range >= 1 << 24) return;
  range <<= 8;
  if (in < end) code = code << 8 | *in++;
  else bad = 1;
}
static inline int bit(prob *q) {
  u32 v = *q, bound = (range >> 11) * v;
  int b = code >= bound;
  if (b) { range -= bound; code -= bound; *q = v - (v >> 5); }
  else { range = bound; *q = v + ((2048 - v) >> 5); }
  normalize();
  return b;
}
static u32 tree(prob *q, int bits) {
  u32 m = 1;
  for (int i = 0; i < bits; i++) m = m << 1 | bit(q + m);
  return m - (1 << bits);
}
static u32 reverse(prob *q, int bits) {
  u32 m = 1, v = 0;
  for (int i = 0; i < bits; i++) { int b = bit(q + m); m = m << 1 | b; v |= (u32)b << i; }
  return v;
}
static u32 length(typeof(p.length) *l, int place) {
  if (!bit(&l->choice)) return tree(l->low[place], 3);
  if (!bit(&l->choice2)) return 8 + tree(l->mid[place], 3);
  return 16 + tree(l->high, 8);
}

__attribute__((export_name("base"))) byte *base(void) { extern byte __heap_base; return &__heap_base; }

// Unpacks n bytes at from to size bytes at out, and returns how many it wrote.
__attribute__((export_name("unpack"))) u32 unpack(const byte *from, u32 n, byte *out, u32 size) {
  for (u32 i = 0; i < sizeof p / sizeof(prob); i++) ((prob *)&p)[i] = 1024;
  in = from; end = from + n; range = -1; code = 0; bad = 0;
  for (int i = 0; i < 5; i++) code = code << 8 | *in++;
  u32 at = 0, r0 = 0, r1 = 0, r2 = 0, r3 = 0, state = 0;
  while (at < size && !bad) {
    u32 place = at & ((1 << PB) - 1), len;
    if (!bit(&p.match[state][place])) {
      prob *q = p.literal[at ? out[at - 1] >> (8 - LC) : 0];
      u32 symbol = 1;
      if (state >= 7) {
        u32 like = out[at - r0 - 1];
        do {
          u32 m = like >> 7 & 1; like <<= 1;
          u32 b = bit(q + ((1 + m) << 8) + symbol);
          symbol = symbol << 1 | b;
          if (m != b) break;
        } while (symbol < 0x100);
      }
      while (symbol < 0x100) symbol = symbol << 1 | bit(q + symbol);
      out[at++] = symbol;
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    if (bit(&p.rep[state])) {
      if (!bit(&p.rep0[state])) {
        if (!bit(&p.rep0long[state][place])) {
          if (r0 >= at) break;
          state = state < 7 ? 9 : 11;
          out[at] = out[at - r0 - 1]; at++;
          continue;
        }
      } else {
        u32 d = r1;
        if (bit(&p.rep1[state])) {
          if (!bit(&p.rep2[state])) d = r2;
          else { d = r3; r3 = r2; }
          r2 = r1;
        }
        r1 = r0; r0 = d;
      }
      len = length(&p.repeat, place);
      state = state < 7 ? 8 : 11;
    } else {
      r3 = r2; r2 = r1; r1 = r0;
      len = length(&p.length, place);
      state = state < 7 ? 7 : 10;
      u32 slot = tree(p.slot[len < 4 ? len : 3], 6);
      r0 = slot;
      if (slot >= 4) {
        int bits = (slot >> 1) - 1;
        r0 = (2 | (slot & 1)) << bits;
        if (slot < 14) r0 += reverse(p.special + r0 - slot, bits);
        else {
          u32 direct = 0;
          for (int i = bits - 4; i > 0; i--) {
            range >>= 1; code -= range;
            u32 t = 0 - (code >> 31);
            code += range & t;
            direct = (direct << 1) + t + 1;
            normalize();
          }
          r0 += direct << 4;
          r0 += reverse(p.align, 4);
        }
        if (r0 == (u32)-1) break; // the mark of the end
      }
    }
    if (r0 >= at) break; // damaged
    for (len += 2; len && at < size; len--, at++) out[at] = out[at - r0 - 1];
  }
  return bad ? 0 : at;
}
