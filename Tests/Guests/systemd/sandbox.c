// Tries what a service's sandbox must forbid, and says of each attempt whether it was "allowed" or
// "refused". Each is made in a process of its own, since some refusals end it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int family, kind;

static int make_socket(void) { return socket(family, kind, 0) < 0; }
static int raw_internet(void) { return socket(AF_INET, SOCK_RAW, 1) < 0; }
static int trace_itself(void) { return ptrace(PTRACE_TRACEME, 0, 0, 0) != 0; }
static int trace_its_parent(void) { return ptrace(PTRACE_SEIZE, getppid(), 0, 0) != 0; }

static int read_another(void) {
  char byte;
  struct iovec here = {&byte, 1}, there = {&family, 1};
  return process_vm_readv(getppid(), &here, 1, &there, 1, 0) != 1;
}

static int mount_tmpfs(void) { return mount("none", "/mnt", "tmpfs", 0, "") != 0; }
static int new_namespace(void) { return unshare(CLONE_NEWUSER) != 0 && unshare(CLONE_NEWNS) != 0; }
static int become_root(void) { return setuid(0) != 0; }
static int change_root(void) { return chroot("/mnt") != 0; }
static int rename_host(void) { return sethostname("probe", 5) != 0; }
static int set_clock(void) { struct timespec now; clock_gettime(CLOCK_REALTIME, &now); return clock_settime(CLOCK_REALTIME, &now) != 0; }
static int load_module(void) { syscall(SYS_init_module, "", 0UL, ""); return errno == EPERM || errno == ENOSYS; }
static int load_ebpf(void) { char none[128] = {0}; syscall(SYS_bpf, 0, none, sizeof none); return errno == EPERM || errno == ENOSYS; }
static int open_events(void) { char none[128] = {0}; syscall(SYS_perf_event_open, none, 0, -1, -1, 0UL); return errno == EPERM || errno == ENOSYS || errno == EACCES; }
static int write_and_run_memory(void) {
  return mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}
static int run_in_real_time(void) { struct sched_param first = {1}; return sched_setscheduler(0, SCHED_FIFO, &first) != 0; }
static int other_personality(void) { return personality(0x0008) == -1; /* PER_LINUX32 */ }
static int make_device(void) { return mknod("/dev/probe", S_IFCHR | 0600, 0x103) != 0; }

static const struct {
  const char *name;
  int (*is_refused)(void);
} attempts[] = {
    {"raw internet socket", raw_internet}, {"ptrace itself", trace_itself}, {"ptrace its parent", trace_its_parent},
    {"read another's memory", read_another}, {"mount", mount_tmpfs}, {"namespace", new_namespace}, {"setuid", become_root},
    {"chroot", change_root}, {"hostname", rename_host}, {"clock", set_clock}, {"module", load_module}, {"bpf", load_ebpf},
    {"perf events", open_events}, {"writable code", write_and_run_memory}, {"real time", run_in_real_time},
    {"personality", other_personality}, {"device", make_device},
};

static void attempt(const char *name, int (*is_refused)(void)) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(is_refused() ? 1 : 0);
  int status;
  waitpid(child, &status, WUNTRACED);
  printf("%s %s\n", WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "allowed" : "refused", name);
}

static int try_to_write(const char *path, const struct stat *status, int type, struct FTW *place) {
  (void)place;
  if (!strncmp(path, "/proc/", 6) && path[6] >= '0' && path[6] <= '9') return FTW_SKIP_SUBTREE;
  if (!strcmp(path, "/proc/self") || !strcmp(path, "/proc/thread-self") || !strcmp(path, "/results")) return FTW_SKIP_SUBTREE;
  int descriptor = -1;
  if (type == FTW_D || type == FTW_DNR) {
    char inside[4200];
    snprintf(inside, sizeof inside, "%s/.probe", path);
    if ((descriptor = open(inside, O_WRONLY | O_CREAT | O_EXCL, 0600)) >= 0) unlink(inside);
  } else if (type == FTW_F && S_ISREG(status->st_mode)) {
    descriptor = open(path, O_WRONLY | O_NONBLOCK);
  }
  if (descriptor >= 0) {
    printf("allowed write %s\n", path);
    close(descriptor);
  }
  return FTW_CONTINUE;
}

int main(int count, char **arguments) {
  for (family = 1; family <= 45; family++)
    for (kind = SOCK_STREAM; kind <= SOCK_RAW; kind++) {
      char name[32];
      snprintf(name, sizeof name, "socket %d %d", family, kind);
      attempt(name, make_socket);
    }
  for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) attempt(attempts[i].name, attempts[i].is_refused);
  // Everywhere, or in one place.
  nftw(count > 1 ? arguments[1] : "/", try_to_write, 64, FTW_PHYS | FTW_ACTIONRETVAL);
  printf("done\n");
  return 0;
}
