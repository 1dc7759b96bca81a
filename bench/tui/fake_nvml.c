/* A libnvidia-ml.so.1 for monitors that want one: eight H200s whose figures move, and no processes on them.
   Only what is asked for at every refresh is here; a monitor finds the rest "not supported" or not there. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define GPUS 8
#define OK 0
#define BAD 2
#define NOT_SUPPORTED 3
typedef struct { unsigned int gpu, memory; } Utilization;
typedef struct { unsigned long long total, free, used; } Memory;
typedef struct { unsigned int version; unsigned long long total, reserved, free, used; } Memory2;
typedef struct { char legacy[16]; unsigned int domain, bus, device, id, subsystem; char bus_id[32]; } Pci;

static double wave(void *gpu, double middle, double swing) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return middle + swing * sin(now.tv_sec + now.tv_nsec / 1e9 + (unsigned long)gpu * 1.7);
}

int nvmlInit_v2(void) { return OK; }
int nvmlInitWithFlags(unsigned int flags) { (void)flags; return OK; }
int nvmlShutdown(void) { return OK; }
const char *nvmlErrorString(int code) { return code == NOT_SUPPORTED ? "Not Supported" : "Unknown Error"; }
int nvmlSystemGetDriverVersion(char *to, unsigned int n) { snprintf(to, n, "580.65.06"); return OK; }
int nvmlSystemGetNVMLVersion(char *to, unsigned int n) { snprintf(to, n, "13.580.65.06"); return OK; }
int nvmlSystemGetCudaDriverVersion(int *to) { *to = 13000; return OK; }
int nvmlSystemGetCudaDriverVersion_v2(int *to) { *to = 13000; return OK; }
int nvmlDeviceGetCount_v2(unsigned int *to) { *to = GPUS; return OK; }
int nvmlDeviceGetHandleByIndex_v2(unsigned int i, void **to) { *to = (void *)(unsigned long)(i + 1); return i < GPUS ? OK : BAD; }
int nvmlDeviceGetIndex(void *gpu, unsigned int *to) { *to = (unsigned long)gpu - 1; return OK; }
int nvmlDeviceGetMinorNumber(void *gpu, unsigned int *to) { *to = (unsigned long)gpu - 1; return OK; }
int nvmlDeviceGetName(void *gpu, char *to, unsigned int n) { (void)gpu; snprintf(to, n, "NVIDIA H200"); return OK; }
int nvmlDeviceGetUUID(void *gpu, char *to, unsigned int n) {
  snprintf(to, n, "GPU-00000000-0000-0000-0000-%012lx", (unsigned long)gpu);
  return OK;
}
int nvmlDeviceGetHandleByUUID(const char *uuid, void **to) {
  unsigned long gpu = 0;
  if (sscanf(uuid, "GPU-00000000-0000-0000-0000-%lx", &gpu) != 1) return BAD;
  *to = (void *)gpu;
  return OK;
}
int nvmlDeviceGetPciInfo_v3(void *gpu, Pci *to) {
  memset(to, 0, sizeof *to);
  to->bus = (unsigned long)gpu;
  snprintf(to->legacy, sizeof to->legacy, "0000:%02lX:00.0", (unsigned long)gpu);
  snprintf(to->bus_id, sizeof to->bus_id, "00000000:%02lX:00.0", (unsigned long)gpu);
  return OK;
}
int nvmlDeviceGetUtilizationRates(void *gpu, Utilization *to) {
  to->gpu = (unsigned int)wave(gpu, 80, 19);
  to->memory = (unsigned int)wave(gpu, 40, 20);
  return OK;
}
int nvmlDeviceGetMemoryInfo(void *gpu, Memory *to) {
  to->total = 150754820096ull;
  to->used = (unsigned long long)wave(gpu, 1.3e11, 1e9);
  to->free = to->total - to->used;
  return OK;
}
int nvmlDeviceGetMemoryInfo_v2(void *gpu, Memory2 *to) {
  Memory memory;
  nvmlDeviceGetMemoryInfo(gpu, &memory);
  to->total = memory.total, to->used = memory.used, to->free = memory.free, to->reserved = 0;
  return OK;
}
int nvmlDeviceGetTemperature(void *gpu, int sensor, unsigned int *to) { (void)sensor; *to = (unsigned int)wave(gpu, 45, 5); return OK; }
int nvmlDeviceGetPowerUsage(void *gpu, unsigned int *to) { *to = (unsigned int)wave(gpu, 450e3, 90e3); return OK; }
int nvmlDeviceGetPowerManagementLimit(void *gpu, unsigned int *to) { (void)gpu; *to = 700000; return OK; }
int nvmlDeviceGetEnforcedPowerLimit(void *gpu, unsigned int *to) { (void)gpu; *to = 700000; return OK; }
int nvmlDeviceGetFanSpeed(void *gpu, unsigned int *to) { (void)gpu, (void)to; return NOT_SUPPORTED; }
int nvmlDeviceGetClockInfo(void *gpu, int kind, unsigned int *to) { (void)gpu; *to = kind == 2 ? 3201 : 1980; return OK; }
int nvmlDeviceGetMaxClockInfo(void *gpu, int kind, unsigned int *to) { (void)gpu; *to = kind == 2 ? 3201 : 1980; return OK; }
int nvmlDeviceGetPerformanceState(void *gpu, int *to) { (void)gpu; *to = 0; return OK; }
int nvmlDeviceGetPersistenceMode(void *gpu, int *to) { (void)gpu; *to = 1; return OK; }
int nvmlDeviceGetDisplayActive(void *gpu, int *to) { (void)gpu; *to = 0; return OK; }
int nvmlDeviceGetDisplayMode(void *gpu, int *to) { (void)gpu; *to = 0; return OK; }
int nvmlDeviceGetComputeMode(void *gpu, int *to) { (void)gpu; *to = 0; return OK; }
int nvmlDeviceGetTotalEnergyConsumption(void *gpu, unsigned long long *to) { *to = (unsigned long long)wave(gpu, 1e9, 0); return OK; }
int nvmlDeviceGetPcieThroughput(void *gpu, int kind, unsigned int *to) { (void)kind; *to = (unsigned int)wave(gpu, 9e4, 8e4); return OK; }
int nvmlDeviceGetUtilization(void) { return NOT_SUPPORTED; }
int nvmlDeviceGetMigMode(void *gpu, unsigned int *now, unsigned int *next) { (void)gpu, (void)now, (void)next; return NOT_SUPPORTED; }
static int none(void *gpu, unsigned int *count) { (void)gpu; *count = 0; return OK; }
int nvmlDeviceGetComputeRunningProcesses_v2(void *gpu, unsigned int *n, void *to) { (void)to; return none(gpu, n); }
int nvmlDeviceGetComputeRunningProcesses_v3(void *gpu, unsigned int *n, void *to) { (void)to; return none(gpu, n); }
int nvmlDeviceGetGraphicsRunningProcesses_v2(void *gpu, unsigned int *n, void *to) { (void)to; return none(gpu, n); }
int nvmlDeviceGetGraphicsRunningProcesses_v3(void *gpu, unsigned int *n, void *to) { (void)to; return none(gpu, n); }
