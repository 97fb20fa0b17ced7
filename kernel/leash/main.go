// Leash runs a command that must not outlive the process that started it.
//
//	leash [-tmp DIR] COMMAND [ARGUMENT ...]
//
// Leash becomes the command, so that whoever started it signals and waits for the command itself. A
// second process watches both. Once the starter has ended, it ends the command; once the command has
// ended, however it ended, it kills what is left of the command's process group.
//
// Jupyter starts the kernel on a leash: a notebook server that is killed takes its kernels with it, and
// a kernel that is killed the program of the cell that was running. gopls is on another: see ../gopls.
//
// With -tmp, the command gets a fresh directory in DIR as its TMPDIR, which is removed in the end.
//
//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// look is how often the watcher looks whether the command and its starter are there.
	look = 300 * time.Millisecond
	// grace is how long a command has, after its starter ended, to end by itself.
	grace = 3 * time.Second
)

func main() {
	args := os.Args[1:]
	var err error
	if len(args) == 4 && args[0] == "-watch" {
		err = watch(args[1], args[2], args[3])
	} else {
		err = run(args)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "leash:", err)
		os.Exit(1)
	}
}

// run starts the watcher and becomes the command.
func run(args []string) error {
	tmp := ""
	if len(args) > 2 && args[0] == "-tmp" {
		tmp, args = args[1], args[2:]
	}
	if len(args) == 0 {
		return fmt.Errorf("usage: leash [-tmp DIR] COMMAND [ARGUMENT ...]")
	}
	command, err := exec.LookPath(args[0])
	if err != nil {
		return err
	}
	starter := os.Getppid()
	if syscall.Getpgrp() != os.Getpid() {
		// The group to be killed in the end must be the command's own.
		if err := syscall.Setpgid(0, 0); err != nil {
			return fmt.Errorf("start a process group: %w", err)
		}
	}
	if tmp != "" {
		if err := os.MkdirAll(tmp, 0o700); err != nil {
			return err
		}
		if tmp, err = os.MkdirTemp(tmp, "k"); err != nil {
			return err
		}
		os.Setenv("TMPDIR", tmp)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	watcher := exec.Command(self, "-watch", strconv.Itoa(os.Getpid()), strconv.Itoa(starter), tmp)
	watcher.Dir = "/"
	watcher.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no signal to the group reaches it
	if err := watcher.Start(); err != nil {
		return fmt.Errorf("start the watcher: %w", err)
	}
	return fmt.Errorf("%s: %w", command, syscall.Exec(command, args, os.Environ()))
}

// watch waits for the command, which is the watcher's parent, and for its starter.
func watch(commandText, starterText, tmp string) error {
	command, err1 := strconv.Atoi(commandText)
	starter, err2 := strconv.Atoi(starterText)
	if err1 != nil || err2 != nil || command <= 1 {
		return fmt.Errorf("%s and %s are not process numbers to watch", commandText, starterText)
	}
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT)
	ended := func() bool { return os.Getppid() != command }
	for !ended() && exists(starter) {
		time.Sleep(look)
	}
	if !ended() {
		syscall.Kill(command, syscall.SIGTERM)
		for wait := time.Duration(0); !ended() && wait < grace; wait += look {
			time.Sleep(look)
		}
	}
	syscall.Kill(-command, syscall.SIGKILL)
	if tmp != "" {
		// A process that was just killed may still be writing.
		for range 10 {
			if os.RemoveAll(tmp) == nil {
				break
			}
			time.Sleep(look)
		}
	}
	return nil
}

// exists reports whether the process with the given number is there and has not ended.
func exists(pid int) bool {
	if syscall.Kill(pid, 0) == syscall.ESRCH {
		return false
	}
	// A process that has ended keeps its number until its parent takes note, which may be never.
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return true // there is no /proc, as on a Mac
	}
	_, fields, _ := strings.Cut(string(stat[bytes.LastIndexByte(stat, ')'):]), " ")
	return !strings.HasPrefix(fields, "Z")
}
