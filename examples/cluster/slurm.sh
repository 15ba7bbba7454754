#!/bin/bash
# A training on four machines of a cluster with Slurm:
#
#   sbatch slurm.sh configs/ptb-lstm.yaml
#
# Five minutes before its time ends, and whenever it is preempted, the training saves its state and
# stops; the job is then queued again and resumes.
#SBATCH --job-name=rnnlm
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=16
#SBATCH --time=12:00:00
#SBATCH --signal=TERM@300
#SBATCH --requeue
#SBATCH --open-mode=append
set -eu

config=${1:?name a config}

# mpi4py must be built against the cluster's MPI; --mpi is what that MPI was built for (srun
# --mpi=list). A rank takes the cores that Slurm gives it.
code=0
srun --mpi=pmi2 --cpus-per-task="$SLURM_CPUS_PER_TASK" \
    rnnlm train --config "$config" --resume || code=$?

if [ "$code" -eq 143 ]; then # stopped by SIGTERM, with the state saved
    scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
