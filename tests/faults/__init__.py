"""故障演练：让机器设法打破升级的承诺。Faults: machines that try to break the promise."""
