// AVX-VNNI for an emulated machine that has the instruction only as AVX-512 encodes it.
#include <immintrin.h>
#undef _mm256_dpbusd_avx_epi32
#define _mm256_dpbusd_avx_epi32 _mm256_dpbusd_epi32
#include "../../../Sources/CKernels/avxvnni.c"
