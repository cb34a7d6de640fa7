"""A command that is interrupted by the keyboard while the engine works."""

INTERRUPTED = """
    import os, signal
    from corridors.cli import main
    from corridors.models.columns.generation import Run

    signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs in the background do not have it
    turn = Run.turn

    def pressed(self, enough=-1.0):
        answer = turn(self, enough)
        os.kill(os.getpid(), signal.SIGINT)
        return answer

    Run.turn = pressed
    main()
"""
