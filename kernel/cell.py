"""Runs one cell of Go on the kernel and prints its output: python kernel/cell.py 'fmt.Println(1)'"""

import subprocess
import sys

from jupyter_client.manager import start_new_kernel


def main():
    manager, client = start_new_kernel(kernel_name="gonb", startup_timeout=60, stderr=subprocess.DEVNULL)
    try:
        reply = client.execute_interactive("%noautoget\n%%\n" + sys.argv[1], timeout=120)
        if reply["content"]["status"] != "ok":
            sys.exit(reply["content"]["evalue"])
    finally:
        client.stop_channels()
        manager.shutdown_kernel()


if __name__ == "__main__":
    main()
