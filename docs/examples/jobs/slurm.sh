#!/bin/sh
# sbatch slurm.sh, then: kemistry lab merge part-* --output out
#SBATCH --array=1-8
#SBATCH --cpus-per-task=1
exec kemistry lab run experiment.yaml --shard auto --output "part-$SLURM_ARRAY_TASK_ID"
