"""Traffic assignment: road networks where time on a link grows with its flow, by Dial's Algorithm B, with proof."""
