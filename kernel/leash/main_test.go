//go:build unix

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary runs as leash when this is in its environment.
const asLeash = "UNROLL_TEST_LEASH"

func TestMain(m *testing.M) {
	if os.Getenv(asLeash) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// leash returns a command that runs leash with the arguments.
func leash(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asLeash+"=1")
	return cmd
}

// eventually waits until done reports true.
func eventually(t *testing.T, within time.Duration, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after %v still not: %s", within, what)
		}
	}
}

// number returns the process ID in the reader's next line.
func number(t *testing.T, r *bufio.Reader) int {
	t.Helper()
	line, err := r.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func TestBecomesTheCommand(t *testing.T) {
	cmd := leash("sh", "-c", "echo $$; exit 3")
	out, err := cmd.Output()
	if code := cmd.ProcessState.ExitCode(); code != 3 {
		t.Errorf("exit status %d (%v), want the command's 3", code, err)
	}
	if got, want := strings.TrimSpace(string(out)), strconv.Itoa(cmd.Process.Pid); got != want {
		t.Errorf("the command is process %s, want the one that was started, %s", got, want)
	}
}

func TestTmp(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tmp")
	cmd := leash("-tmp", dir, "sh", "-c", `echo "$TMPDIR"; mkdir -p "$TMPDIR/a/b"; test -d "$TMPDIR"`)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	own := strings.TrimSpace(string(out))
	if filepath.Dir(own) != dir {
		t.Errorf("TMPDIR is %q, want a directory in %q", own, dir)
	}
	eventually(t, 5*time.Second, "the directory is removed", func() bool {
		_, err := os.Stat(own)
		return os.IsNotExist(err)
	})
}

// All processes that the command leaves in its process group end with it, even if the command is killed.
func TestNothingIsLeft(t *testing.T) {
	for _, how := range []string{"ends", "is killed"} {
		t.Run(how, func(t *testing.T) {
			// The child's output is not the pipe: an open pipe would keep Wait waiting.
			script := "sleep 300 </dev/null >/dev/null 2>&1 & echo $!; read line"
			cmd := leash("sh", "-c", script)
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			child := number(t, bufio.NewReader(out))
			if how == "ends" {
				in.Close()
			} else if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			eventually(t, 5*time.Second, "the command's child has ended", func() bool { return !exists(child) })
		})
	}
}

// The command ends when its starter has been killed; one that ignores SIGTERM is killed.
func TestEndsWithItsStarter(t *testing.T) {
	for name, ignore := range map[string]string{"ends on SIGTERM": "", "ignores SIGTERM": "trap '' TERM; "} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The command waits in shell builtins only, so that nothing holds its output open once it has ended.
			script := ignore + "echo $$; while read line; do :; done; while :; do sleep 0.1 </dev/null >/dev/null; done"
			starter := exec.Command("sh", "-c", `"$0" sh -c "$1" <&0 & wait`, os.Args[0], script)
			starter.Env = append(os.Environ(), asLeash+"=1")
			out, err := starter.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := starter.Start(); err != nil {
				t.Fatal(err)
			}
			command := number(t, bufio.NewReader(out))
			time.Sleep(2 * look)
			if !exists(command) {
				t.Fatal("the command ended before its starter")
			}
			start := time.Now()
			starter.Process.Kill()
			starter.Wait()
			eventually(t, grace+5*time.Second, "the command has ended", func() bool { return !exists(command) })
			if took := time.Since(start); (took >= grace) != (ignore != "") {
				t.Errorf("it ended after %v; the grace is %v", took, grace)
			}
		})
	}
}

// A signal that a terminal sends to the whole group, as Ctrl-C does, does not end the watcher.
func TestWatcherOutlivesCtrlC(t *testing.T) {
	cmd := leash("sh", "-c", "trap 'echo caught' INT; sleep 300 </dev/null >/dev/null 2>&1 & echo $!; read line; read line")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(stdout)
	child := number(t, out)
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(in, "on")
	if line, err := out.ReadString('\n'); err != nil || line != "caught\n" {
		t.Fatalf("the command said %q (%v), want that it caught the signal", line, err)
	}
	in.Close()
	io.Copy(io.Discard, out)
	cmd.Wait()
	eventually(t, 5*time.Second, "the command's child has ended", func() bool { return !exists(child) })
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "usage: leash"},
		{[]string{"/nonexistent/command"}, "/nonexistent/command"},
		{[]string{"-tmp", "/dev/null/tmp", "true"}, "/dev/null"},
		{[]string{"-watch", "x", "2", ""}, "not process IDs"},
	} {
		out, err := leash(c.args...).CombinedOutput()
		if err == nil || !strings.HasPrefix(string(out), "leash: ") || !strings.Contains(string(out), c.want) {
			t.Errorf("leash %q said %q (%v), want an error with %q", c.args, out, err, c.want)
		}
	}
}
